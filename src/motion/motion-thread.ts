// The thread that threaded-motion.ts starts: estimates motion in memory that both threads see.
import { parentPort, workerData } from 'node:worker_threads';

import { FlowKernel, type FlowModule } from './flow-kernel.ts';
import { MotionField } from './motion-field.ts';

export interface MotionThreadData {
  readonly module: FlowModule;
}

export interface MotionRequest {
  /** frameCount + 1 frames at least. */
  readonly pixels: Uint8Array;
  /** Receives (frame, cell, channel). */
  readonly values: Float32Array;
  readonly frameCount: number;
}

const { module } = workerData as MotionThreadData;
const field = new MotionField(new FlowKernel(module));
parentPort?.on('message', ({ pixels, values, frameCount }: MotionRequest) => {
  field.estimate(pixels, frameCount, values);
  parentPort?.postMessage(undefined);
});
