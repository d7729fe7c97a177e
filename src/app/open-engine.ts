// The engine that scenes are learnt and scored with.
import type { Precision } from '../engine/backbone-record.ts';
import { OnnxEngine } from '../engine/onnx-engine.ts';
import { ASSETS_DIR } from './assets-dir.ts';
import { backboneFolders } from './backbone-folders.ts';

export interface EngineSettings {
  /** 0 = one per core. */
  readonly threads: number;
  /** `auto`: integers where the backbone has them. */
  readonly precision: 'auto' | Precision;
}

/** The caller closes it. */
export const openEngine = ({ threads, precision }: EngineSettings): OnnxEngine =>
  new OnnxEngine({
    assetsDir: ASSETS_DIR,
    backboneFolders: backboneFolders(),
    threads,
    precision: chosenPrecision(precision),
  });

export const chosenPrecision = (precision: EngineSettings['precision']): Precision =>
  precision === 'auto' ? 'int8' : precision;
