// The motion estimator, from the WebAssembly module that comes with the package.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { compileFlowModule } from './flow-kernel.ts';
import { ThreadedMotion } from './threaded-motion.ts';
import { ASSETS_DIR } from '../process/assets-dir.ts';

export const openMotion = async (): Promise<MotionEstimator> => {
  const bytes = await readFile(join(ASSETS_DIR, 'motion', 'flow.wasm'));
  return new ThreadedMotion({
    module: compileFlowModule(bytes),
    threadPath: new URL('./motion-thread.js', import.meta.url),
  });
};
