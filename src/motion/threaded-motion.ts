// Motion estimated on a thread of its own, while the thread that asks runs the backbone: inference and optical flow
// take about as long, and neither needs the other's result.
import { Worker } from 'node:worker_threads';

import { deferred, type Deferred } from '../core/deferred.ts';
import { toError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { GRID_SIDE, type FlowModule } from './flow-kernel.ts';
import { FLOW_FRAME_LENGTH, MOTION_CHANNELS, MOTION_FRAME_LENGTH } from './motion-field.ts';
import type { MotionMemory, MotionRequest, MotionThreadData } from './motion-thread.ts';

export interface ThreadedMotionOptions {
  readonly module: FlowModule;
  /** JavaScript file of the thread: motion-thread.ts, built. */
  readonly threadPath: URL | string;
}

export class ThreadedMotion implements MotionEstimator {
  readonly grid = GRID_SIDE;
  readonly channelCount = MOTION_CHANNELS;
  readonly #options: ThreadedMotionOptions;
  #thread: Worker | undefined;
  #answer: Deferred<Error | undefined> | undefined;
  #memory: MotionMemory = {
    pixels: new Uint8Array(0),
    values: new Float32Array(0),
    flow: new Float32Array(0),
  };
  #isMemorySent = false;

  constructor(options: ThreadedMotionOptions) {
    this.#options = options;
  }

  async estimate(
    pixels: Uint8Array,
    frameCount: number,
    out: Float32Array,
    flow?: Float32Array,
  ): Promise<void> {
    if (this.#answer !== undefined) throw new RangeError('motion is being estimated');
    const byteCount = (frameCount + 1) * FRAME_BYTES;
    const length = frameCount * MOTION_FRAME_LENGTH;
    this.#makeRoom(byteCount, frameCount);
    this.#memory.pixels.set(pixels.subarray(0, byteCount));
    const thread = (this.#thread ??= this.#start());
    const answer = (this.#answer = deferred<Error | undefined>());
    // A thread that waits must not keep the process alive; one that works must.
    thread.ref();
    const failure = await this.#ask(thread, frameCount, answer.promise).finally(() => {
      this.#answer = undefined;
      thread.unref();
    });
    if (failure !== undefined) throw failure;
    out.set(this.#memory.values.subarray(0, length));
    flow?.set(this.#memory.flow.subarray(0, frameCount * FLOW_FRAME_LENGTH));
  }

  async #ask(
    thread: Worker,
    frameCount: number,
    answer: Promise<Error | undefined>,
  ): Promise<Error | undefined> {
    const memory = this.#isMemorySent ? undefined : this.#memory;
    const request: MotionRequest = { frameCount, memory };
    thread.postMessage(request);
    this.#isMemorySent = true;
    return answer;
  }

  #makeRoom(byteCount: number, frameCount: number): void {
    if (this.#memory.pixels.length >= byteCount) return;
    this.#memory = {
      pixels: new Uint8Array(new SharedArrayBuffer(byteCount)),
      values: sharedNumbers(frameCount * MOTION_FRAME_LENGTH),
      flow: sharedNumbers(frameCount * FLOW_FRAME_LENGTH),
    };
    this.#isMemorySent = false;
  }

  #start(): Worker {
    const workerData: MotionThreadData = { module: this.#options.module };
    const thread = new Worker(this.#options.threadPath, { workerData });
    thread.on('message', () => this.#answer?.resolve(undefined));
    const ended = (error: Error): void => {
      // One that took over from it has nothing to do with its end.
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#isMemorySent = false;
      this.#answer?.resolve(error);
    };
    thread.once('error', (error) => {
      ended(toError(error));
    });
    // Also without an error: it would be waited for in vain.
    thread.once('exit', (code) => {
      ended(new Error(`motion thread ended (exit code ${code})`));
    });
    return thread;
  }
}

const sharedNumbers = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
