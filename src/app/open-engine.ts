// The engine that scenes are learnt and scored with.
import { OnnxEngine } from '../engine/onnx-engine.ts';
import { ASSETS_DIR } from './assets-dir.ts';
import { backboneFolders } from './backbone-folders.ts';

/** `threads`: 0 = one per core. The caller closes it. */
export const openEngine = (threads: number): OnnxEngine =>
  new OnnxEngine({ assetsDir: ASSETS_DIR, backboneFolders: backboneFolders(), threads });
