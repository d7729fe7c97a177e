// Footage for tests of learning, and an engine that treats its memory as the real one does.
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { Embedding, EmbeddingPlan } from '../../../src/core/ports/engine.ts';
import type { FrameRun } from '../../../src/padim/frame-run.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { ReferenceEngine } from '../../support/reference-engine.ts';

/** Writes every result of a kind into the same memory: what was not copied is overwritten. */
export class ReusingEngine extends ReferenceEngine {
  readonly #outputs = new Map<string, Float32Array>();

  override async embed(plan: EmbeddingPlan, pixels: Uint8Array, count: number): Promise<Embedding> {
    return this.#kept('embedding', await super.embed(plan, pixels, count));
  }

  override async appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding> {
    return this.#kept('change', await super.appendChange(embedding, previous));
  }

  #kept(name: string, embedding: Embedding): Embedding {
    const length = embedding.values.length;
    let memory = this.#outputs.get(name);
    if (memory === undefined || memory.length < length) memory = new Float32Array(length);
    this.#outputs.set(name, memory);
    memory.set(embedding.values);
    return { ...embedding, values: memory.subarray(0, length) };
  }
}

/** Light that flickers band by band, each frame by itself, about a level. */
export const flicker = (count: number, seed = 1, level = 100): Uint8Array => {
  const random = seededRandom(seed);
  const pixels = new Uint8Array(count * FRAME_BYTES);
  const band = FRAME_BYTES / 16;
  for (let at = 0; at < pixels.length; at += band) {
    pixels.fill(level + Math.floor(40 * random()), at, at + band);
  }
  return pixels;
};

/** Light that wanders band by band, so that each frame is like the one before it. */
export const drift = (count: number, seed = 1): Uint8Array => {
  const random = seededRandom(seed);
  const levels = Array.from({ length: 16 }, () => 128);
  const pixels = new Uint8Array(count * FRAME_BYTES);
  const band = FRAME_BYTES / 16;
  for (let at = 0; at < pixels.length; at += band) {
    const place = (at / band) % 16;
    levels[place] = 128 + 0.95 * (levels[place]! - 128) + 20 * (random() - 0.5);
    pixels.fill(Math.round(levels[place]), at, at + band);
  }
  return pixels;
};

/** Frames `first` to `first + frameCount` of a stream, with the frame before unless there is none. */
export const runAt = (
  pixels: Uint8Array,
  first: number,
  frameCount: number,
  context: FrameRun['context'],
): FrameRun => ({
  pixels: pixels.subarray(
    (first - (context === 'none' ? 0 : 1)) * FRAME_BYTES,
    (first + frameCount) * FRAME_BYTES,
  ),
  frameCount,
  context,
});
