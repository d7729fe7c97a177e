// The motion estimator, from the WebAssembly module that comes with the package.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { FlowKernel, compileFlowModule } from '../motion/flow-kernel.ts';
import { MotionField } from '../motion/motion-field.ts';
import { ASSETS_DIR } from './assets-dir.ts';

export const openMotion = async (): Promise<MotionEstimator> => {
  const bytes = await readFile(join(ASSETS_DIR, 'motion', 'flow.wasm'));
  return new MotionField(new FlowKernel(compileFlowModule(bytes)));
};
