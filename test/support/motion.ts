// The motion estimator on the thread that asks: the daemon's runs in a thread that only the build has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MotionEstimator } from '../../src/core/ports/motion-estimator.ts';
import { FlowKernel, compileFlowModule } from '../../src/motion/flow-kernel.ts';
import { MotionField } from '../../src/motion/motion-field.ts';
import { ROOT } from './patchwatch.ts';

export const makeMotion = (): MotionEstimator =>
  new MotionField(
    new FlowKernel(compileFlowModule(readFileSync(join(ROOT, 'assets/motion/flow.wasm')))),
  );
