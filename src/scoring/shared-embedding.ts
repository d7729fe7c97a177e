// Segments of a batch are scored one after the other, each against its own scene; their embeddings depend on no scene.
// Where batches gain the engine something, all frames of a batch are embedded at the first segment's asking, and each
// segment is given its part. All else is the inner engine's.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Embedding, EmbeddingPlan } from '../core/ports/engine.ts';
import { DelegatingEngine } from '../padim/delegating-engine.ts';

interface EmbeddedBatch {
  /** Undefined until something was asked for. */
  plan: string | undefined;
  embedding: Embedding | undefined;
  readonly pixels: Uint8Array;
}

export class SharedEmbedding extends DelegatingEngine {
  #batch: EmbeddedBatch | undefined;

  /** @param pixels all frames of the batch; what `embed` is given during the work are parts of this very memory */
  async within<Result>(pixels: Uint8Array, work: () => Promise<Result>): Promise<Result> {
    this.#batch = { plan: undefined, embedding: undefined, pixels };
    try {
      return await work();
    } finally {
      this.#batch = undefined;
    }
  }

  override async embed(
    plan: EmbeddingPlan,
    pixels: Uint8Array,
    frameCount: number,
  ): Promise<Embedding> {
    const first = this.#firstFrame(pixels, frameCount);
    const whole = first === undefined ? undefined : await this.#embedWhole(plan);
    if (first === undefined || whole === undefined) {
      return super.embed(plan, pixels, frameCount);
    }
    return framesOf(whole, first, frameCount);
  }

  /** Place of these frames in the batch; undefined where they are none of it. */
  #firstFrame({ buffer, byteOffset }: Uint8Array, frameCount: number): number | undefined {
    const whole = this.#batch?.pixels;
    if (whole?.buffer !== buffer) return undefined;
    const first = (byteOffset - whole.byteOffset) / FRAME_BYTES;
    const isPart = first >= 0 && (first + frameCount) * FRAME_BYTES <= whole.byteLength;
    return isPart && Number.isInteger(first) ? first : undefined;
  }

  /** Undefined for a plan other than that of the batch's first segment: those are embedded by themselves. */
  async #embedWhole(plan: EmbeddingPlan): Promise<Embedding | undefined> {
    const batch = this.#batch;
    if (batch === undefined) return undefined;
    const key = planKey(plan);
    batch.plan ??= key;
    if (batch.plan !== key) return undefined;
    if (batch.embedding === undefined) {
      const { pixels } = batch;
      const whole = await super.embed(plan, pixels, pixels.byteLength / FRAME_BYTES);
      // The engine's memory is written again by whatever is embedded by itself.
      batch.embedding = { ...whole, values: whole.values.slice() };
    }
    return batch.embedding;
  }
}

const planKey = ({ backbone, stageCount, grid, channels }: EmbeddingPlan): string =>
  `${backbone}/${stageCount}/${grid}/${channels.map((list) => list.join()).join(';')}`;

/** (patch, frame, channel) of some of the frames. */
const framesOf = (whole: Embedding, first: number, frameCount: number): Embedding => {
  const { patchCount, dimensions } = whole;
  const length = frameCount * dimensions;
  const values = new Float32Array(patchCount * length);
  for (let patch = 0; patch < patchCount; patch++) {
    const from = (patch * whole.frameCount + first) * dimensions;
    values.set(whole.values.subarray(from, from + length), patch * length);
  }
  return { patchCount, frameCount, dimensions, values };
};
