// An engine of plain loops, for tests that need one without a native library: a patch's embedding is the mean red,
// green and blue of its pixels. Slow, exact and easy to read beside core/ports/engine.ts.
import { FRAME_BYTES, FRAME_SIDE } from '../../src/core/frame.ts';
import type {
  BatchMoments,
  CovarianceKind,
  Embedding,
  EmbeddingPlan,
  Engine,
  WhitenedGaussian,
} from '../../src/core/ports/engine.ts';

const CHANNELS = 3;
/** Every this many pixels, each way, is looked at. */
const STEP_PIXELS = 16;

export const referencePlan = (grid: number): EmbeddingPlan => ({
  backbone: 'reference',
  stageCount: 1,
  grid,
  channels: [Int32Array.of(0, 1, 2)],
});

/** Mean of one colour over a square of pixels. */
const meanColour = (
  frame: Uint8Array,
  left: number,
  top: number,
  size: number,
  colour: number,
): number => {
  let sum = 0;
  let count = 0;
  for (let y = top; y < top + size; y += STEP_PIXELS) {
    for (let x = left; x < left + size; x += STEP_PIXELS) {
      sum += frame[(y * FRAME_SIDE + x) * CHANNELS + colour]!;
      count += 1;
    }
  }
  return sum / count;
};

export class ReferenceEngine implements Engine {
  readonly name = 'reference';

  embed({ grid }: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding> {
    const patchCount = grid * grid;
    const size = FRAME_SIDE / grid;
    const values = new Float32Array(patchCount * frameCount * CHANNELS);
    let at = 0;
    for (let patch = 0; patch < patchCount; patch++) {
      const left = (patch % grid) * size;
      const top = Math.floor(patch / grid) * size;
      for (let index = 0; index < frameCount; index++) {
        const frame = pixels.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
        for (let colour = 0; colour < CHANNELS; colour++) {
          values[at++] = meanColour(frame, left, top, size, colour);
        }
      }
    }
    return Promise.resolve({ patchCount, frameCount, dimensions: CHANNELS, values });
  }

  appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding> {
    const { patchCount, frameCount, dimensions: d, values } = embedding;
    const appended = new Float32Array(2 * values.length);
    for (let row = 0; row < patchCount * frameCount; row++) {
      const patch = Math.floor(row / frameCount);
      for (let channel = 0; channel < d; channel++) {
        const now = values[row * d + channel]!;
        const isFirst = row % frameCount === 0;
        const before = isFirst ? previous[patch * d + channel]! : values[(row - 1) * d + channel]!;
        appended[2 * row * d + channel] = now;
        appended[(2 * row + 1) * d + channel] = now - before;
      }
    }
    return Promise.resolve({ patchCount, frameCount, dimensions: 2 * d, values: appended });
  }

  project(embedding: Embedding, matrix: Float32Array): Promise<Embedding> {
    const { patchCount, frameCount, dimensions: d, values } = embedding;
    const kept = matrix.length / d;
    const projected = new Float32Array(patchCount * frameCount * kept);
    projected.forEach((_, at) => {
      const row = Math.floor(at / kept) * d;
      for (let channel = 0; channel < d; channel++) {
        projected[at]! += values[row + channel]! * matrix[channel * kept + (at % kept)]!;
      }
    });
    return Promise.resolve({ patchCount, frameCount, dimensions: kept, values: projected });
  }

  distances(embedding: Embedding, gaussian: WhitenedGaussian): Promise<Float32Array> {
    const { patchCount, frameCount, dimensions: d, values } = embedding;
    const distances = new Float32Array(frameCount * patchCount);
    for (let patch = 0; patch < patchCount; patch++) {
      const factor = gaussian.covariance === 'own' ? patch * d * d : 0;
      for (let frame = 0; frame < frameCount; frame++) {
        const from = (patch * frameCount + frame) * d;
        let squares = 0;
        for (let column = 0; column < d; column++) {
          let white = 0;
          for (let row = 0; row < d; row++) {
            const offset = values[from + row]! - gaussian.mean[patch * d + row]!;
            white += offset * gaussian.factor[factor + row * d + column]!;
          }
          squares += white * white;
        }
        distances[frame * patchCount + patch] = Math.sqrt(squares);
      }
    }
    return Promise.resolve(distances);
  }

  moments(embedding: Embedding, shift: Float32Array, kind: CovarianceKind): Promise<BatchMoments> {
    const { patchCount, frameCount, dimensions: d, values } = embedding;
    const sum = new Float32Array(patchCount * d);
    const product = new Float32Array((kind === 'own' ? patchCount : 1) * d * d);
    for (let row = 0; row < patchCount * frameCount; row++) {
      const patch = Math.floor(row / frameCount);
      const matrix = kind === 'own' ? patch * d * d : 0;
      const offset = (channel: number): number =>
        values[row * d + channel]! - shift[patch * d + channel]!;
      for (let i = 0; i < d; i++) {
        sum[patch * d + i]! += offset(i);
        for (let j = 0; j < d; j++) product[matrix + i * d + j]! += offset(i) * offset(j);
      }
    }
    return Promise.resolve({ sum, product });
  }

  resizeMaps(
    maps: Float32Array,
    side: number,
    operator: Float32Array,
    outSide: number,
  ): Promise<Float32Array> {
    const frameCount = maps.length / (side * side);
    const resized = new Float32Array(frameCount * outSide * outSide);
    for (let cell = 0; cell < resized.length; cell++) {
      const frame = Math.floor(cell / (outSide * outSide));
      const row = Math.floor(cell / outSide) % outSide;
      const column = cell % outSide;
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < side; j++) {
          resized[cell]! +=
            operator[row * side + i]! *
            maps[(frame * side + i) * side + j]! *
            operator[column * side + j]!;
        }
      }
    }
    return Promise.resolve(resized);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
