// The thread that threaded-motion.ts starts: estimates motion in memory that both threads see.
import { parentPort, workerData } from 'node:worker_threads';

import { FlowKernel, type FlowModule } from './flow-kernel.ts';
import { MotionField } from './motion-field.ts';

export interface MotionThreadData {
  readonly module: FlowModule;
}

/** Seen by both threads. */
export interface MotionMemory {
  /** One frame more than there are values for. */
  readonly pixels: Uint8Array;
  /** Receives (frame, cell, channel). */
  readonly values: Float32Array;
  /** Receives (frame, cell, component). */
  readonly flow: Float32Array;
}

export interface MotionRequest {
  readonly frameCount: number;
  /** Sent when it is new only: handing over shared memory takes longer than estimating a frame. */
  readonly memory: MotionMemory | undefined;
}

const { module } = workerData as MotionThreadData;
const field = new MotionField(new FlowKernel(module));
const state: { memory: MotionMemory | undefined } = { memory: undefined };
parentPort?.on('message', ({ frameCount, memory }: MotionRequest) => {
  state.memory = memory ?? state.memory;
  if (state.memory === undefined) throw new RangeError('motion: no memory was sent');
  const { pixels, values, flow } = state.memory;
  field.estimate(pixels, frameCount, values, flow);
  parentPort?.postMessage(undefined);
});
