// What a frame is judged by: the embedding of its patches, their change since the frame before, and motion.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Embedding, EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { FrameRun } from './frame-run.ts';
import { ScratchMemory } from './maths/scratch-memory.ts';

export interface CueExtractorOptions {
  readonly engine: Engine;
  readonly plan: EmbeddingPlan;
  /** Appends change channels to the embedding. */
  readonly withChange: boolean;
  /** Undefined where motion is no cue. */
  readonly motion: MotionEstimator | undefined;
  /** Shared by extractors that run in turn; its own when left out. */
  readonly scratch?: ScratchMemory | undefined;
}

/** All valid until the next run. */
export interface Cues {
  readonly appearance: Embedding;
  /** Appearance and change channels; undefined where change is no cue. */
  readonly change: Embedding | undefined;
  readonly motion: Embedding | undefined;
  /** (frame, cell, component): where motion goes, as of `MotionEstimator.estimate`; undefined where it is no cue. */
  readonly flow: Float32Array | undefined;
}

interface Motion {
  readonly embedding: Embedding;
  readonly flow: Float32Array;
}

export class CueExtractor {
  readonly #options: CueExtractorOptions;
  readonly #scratch: ScratchMemory;
  /** (patch, channel) of the last frame of the run before. */
  #last = new Float32Array(0);

  constructor(options: CueExtractorOptions) {
    this.#options = options;
    this.#scratch = options.scratch ?? new ScratchMemory();
  }

  /** What it keeps from run to run, at most. */
  get sizeBytes(): number {
    const { plan, withChange } = this.#options;
    if (!withChange) return 0;
    const channelCount = plan.channels.reduce((sum, list) => sum + list.length, 0);
    return plan.grid * plan.grid * channelCount * Float32Array.BYTES_PER_ELEMENT;
  }

  async extract(run: FrameRun): Promise<Cues> {
    const frames = run.pixels.subarray(run.context === 'none' ? 0 : FRAME_BYTES);
    // Under way while the embedding is computed.
    const motion = this.#motion(run, frames);
    try {
      return await this.#embed(run, frames, motion);
    } finally {
      // Whatever failed: the next run must find it idle.
      await motion.catch(() => undefined);
    }
  }

  async #embed(
    run: FrameRun,
    frames: Uint8Array,
    motion: Promise<Motion | undefined>,
  ): Promise<Cues> {
    const { engine, plan, withChange } = this.#options;
    const { pixels, frameCount } = run;
    if (!withChange) {
      const appearance = await engine.embed(plan, frames, frameCount);
      return { appearance, change: undefined, ...cuesOf(await motion) };
    }
    if (run.context === 'given') this.#keep(await engine.embed(plan, pixels, 1), 0);
    const appearance = await engine.embed(plan, frames, frameCount);
    // Without a frame before there is no change to be seen.
    if (run.context === 'none') this.#keep(appearance, 0);
    const change = await engine.appendChange(appearance, this.#last);
    this.#keep(appearance, frameCount - 1);
    return { appearance, change, ...cuesOf(await motion) };
  }

  /** Keeps the embedding of one frame for the change of the next. */
  #keep({ patchCount, frameCount, dimensions, values }: Embedding, frame: number): void {
    if (this.#last.length !== patchCount * dimensions) {
      this.#last = new Float32Array(patchCount * dimensions);
    }
    for (let patch = 0; patch < patchCount; patch++) {
      const from = (patch * frameCount + frame) * dimensions;
      this.#last.set(values.subarray(from, from + dimensions), patch * dimensions);
    }
  }

  async #motion(
    { pixels, frameCount, context }: FrameRun,
    frames: Uint8Array,
  ): Promise<Motion | undefined> {
    const { motion } = this.#options;
    if (motion === undefined) return undefined;
    const cellCount = motion.grid * motion.grid;
    const frameLength = cellCount * motion.channelCount;
    const values = this.#scratch.take('motion', frameCount * frameLength);
    const flow = this.#scratch.take('flow', frameCount * cellCount * 2);
    if (context === 'none') {
      values.fill(0, 0, frameLength);
      flow.fill(0, 0, cellCount * 2);
      if (frameCount > 1) {
        const [later, laterFlow] = [values.subarray(frameLength), flow.subarray(cellCount * 2)];
        await motion.estimate(frames, frameCount - 1, later, laterFlow);
      }
    } else await motion.estimate(pixels, frameCount, values, flow);
    const byPatch = this.#scratch.take('motion by patch', frameCount * frameLength);
    const d = motion.channelCount;
    for (let from = 0; from < values.length; from += d) {
      const frame = Math.floor(from / frameLength);
      const to = (from - frame * frameLength) * frameCount + frame * d;
      for (let channel = 0; channel < d; channel++) byPatch[to + channel] = values[from + channel]!;
    }
    const embedding = { patchCount: cellCount, frameCount, dimensions: d, values: byPatch };
    return { embedding, flow };
  }
}

const cuesOf = (motion: Motion | undefined): Pick<Cues, 'motion' | 'flow'> => ({
  motion: motion?.embedding,
  flow: motion?.flow,
});
