// The engine that scenes are learnt and scored with.
import type { EngineSetting, Precision } from '../core/engine-setting.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { Logger } from '../core/ports/logger.ts';
import { hasCudaLibraries } from './onnx-sessions.ts';
import { OnnxEngine } from './onnx-engine.ts';
import { TfjsEngine } from './tfjs-engine.ts';
import { ASSETS_DIR } from '../process/assets-dir.ts';
import { backboneFolders } from './backbone-folders.ts';
import { openTfjs } from './open-tfjs.ts';

/** The packages that serve a device; onnxruntime's tensorrt is refused with the configuration. */
const TFJS_PACKAGES = { auto: 'native', cpu: 'cpu', cuda: 'gpu', tensorrt: 'gpu' } as const;

/**
 * `auto`: integers on a processor, which they make twice as quick; elsewhere they gain nothing or can't be had. A device
 * whose libraries are not there means the processor, also in this: scenes that were fitted on it are good.
 */
export const chosenPrecision = ({
  kind,
  device,
  precision,
}: Omit<EngineSetting, 'threads'>): Precision => {
  if (precision !== 'auto') return precision;
  if (kind === 'tfjs') return 'float32';
  const isProcessor = device === 'auto' || device === 'cpu' || !hasCudaLibraries();
  return isProcessor ? 'int8' : 'float32';
};

/** The caller closes it. @throws PatchwatchError TFJS_MISSING */
export const openEngine = (setting: EngineSetting, logger: Logger): Engine => {
  const { kind, device, threads } = setting;
  if (kind === 'tfjs') {
    const tf = openTfjs({ kind: TFJS_PACKAGES[device], threads });
    return new TfjsEngine({ tf, backboneFolders: backboneFolders() });
  }
  return new OnnxEngine({
    assetsDir: ASSETS_DIR,
    backboneFolders: backboneFolders(),
    threads,
    device,
    precision: chosenPrecision(setting),
    logger,
  });
};
