import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { WhitenedGaussian } from '../../../src/core/ports/engine.ts';
import { EmbeddingStatistics } from '../../../src/padim/embedding-statistics.ts';
import { pooledField } from '../../../src/padim/pooled-field.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { ReferenceEngine } from '../../support/reference-engine.ts';

const SIDE = 6;
const PATCHES = SIDE * SIDE;
const D = 2;
const FRAMES = 12;
const OPTIONS = { radius: 1, sceneShare: 0.25, epsilon: 1e-4, relativeEpsilon: 1e-3 };
/** So narrow that a neighbourhood is the cell itself. */
const OWN_CELL = 0.1;

/** Values of a cell's frames, (frame, channel). */
type Cell = (patch: number) => readonly number[];

const noise = (seed: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: FRAMES * D }, (_, index) => random() + (index % D) * random());
};

const fieldOf = async (
  cell: Cell,
  options: Partial<typeof OPTIONS> = {},
): Promise<WhitenedGaussian> => {
  const values = new Float32Array(PATCHES * FRAMES * D);
  for (let patch = 0; patch < PATCHES; patch++) values.set(cell(patch), patch * FRAMES * D);
  const embedding = { patchCount: PATCHES, frameCount: FRAMES, dimensions: D, values };
  const shift = new Float32Array(PATCHES * D);
  const statistics = new EmbeddingStatistics({
    kind: 'own',
    patchCount: PATCHES,
    dimensions: D,
    shift,
  });
  statistics.add(await new ReferenceEngine().moments(embedding, shift, 'own'), FRAMES);
  return pooledField(statistics, { ...OPTIONS, ...options });
};

interface Moments {
  readonly mean: readonly number[];
  /** With 1/N, (channel, channel). */
  readonly covariance: readonly number[];
}

/** Of (sample, channel), by definition. */
const plain = (samples: readonly number[]): Moments => {
  const n = samples.length / D;
  const channels = [0, 1].map((index) => samples.filter((_, at) => at % D === index));
  const mean = channels.map((values) => values.reduce((sum, value) => sum + value, 0) / n);
  const covariance = channels.flatMap((a, i) =>
    channels.map(
      (b, j) => a.reduce((sum, value, at) => sum + (value - mean[i]!) * (b[at]! - mean[j]!), 0) / n,
    ),
  );
  return { mean, covariance };
};

const allOf = (cell: Cell): Moments =>
  plain(Array.from({ length: PATCHES }, (_, patch) => cell(patch)).flat());

/** How far a position is from the Gaussian that it should be: of its mean, and of factorᵀ Σ factor = 1. */
const errorAt = (
  field: WhitenedGaussian,
  patch: number,
  { mean, covariance }: Moments,
  scene: Moments,
): number => {
  const errors = mean.map((value, i) => value - field.mean[patch * D + i]!);
  const f = (i: number, j: number): number => field.factor[(patch * D + i) * D + j]!;
  const s = (i: number, j: number): number =>
    covariance[i * D + j]! + (i === j ? 1e-4 + 1e-3 * scene.covariance[i * D + i]! : 0);
  for (let i = 0; i < D; i++) {
    for (let j = 0; j < D; j++) {
      let product = 0;
      for (let k = 0; k < D; k++) {
        for (let l = 0; l < D; l++) product += f(k, i) * s(k, l) * f(l, j);
      }
      errors.push(product - (i === j ? 1 : 0));
    }
  }
  return Math.max(...errors.map(Math.abs));
};

/** The largest error of all positions. */
const errorOf = (field: WhitenedGaussian, expected: Cell | Moments, scene: Moments): number =>
  Math.max(
    ...Array.from({ length: PATCHES }, (_, patch) =>
      errorAt(
        field,
        patch,
        typeof expected === 'function' ? plain(expected(patch)) : expected,
        scene,
      ),
    ),
  );

const distance = ({ mean, factor }: WhitenedGaussian, patch: number, of: number): number =>
  Math.hypot(
    ...[0, 1].map((column) =>
      [0, 1].reduce(
        (sum, row) => sum + (of - mean[patch * D + row]!) * factor[(patch * D + row) * D + column]!,
        0,
      ),
    ),
  );

describe('pooledField', () => {
  test('where all positions are alike, pooling changes nothing, up to the corners', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (radius, sceneShare) => {
          const alike = noise(1);
          const field = await fieldOf(() => alike, { radius, sceneShare });
          const expected = plain(alike);
          expect(errorOf(field, expected, expected)).toBeLessThan(1e-3);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('with all the weight on the scene, every position is the scene', async () => {
    const field = await fieldOf(noise, { sceneShare: 1 });
    const scene = allOf(noise);
    expect(errorOf(field, scene, scene)).toBeLessThan(1e-3);
  });

  test('with a neighbourhood of one cell, every position is itself', async () => {
    const field = await fieldOf(noise, { sceneShare: 0, radius: OWN_CELL });
    expect(errorOf(field, noise, allOf(noise))).toBeLessThan(1e-3);
  });

  test('motion is least strange where it was seen, stranger beside it, strangest far off', async () => {
    const busy = 1 * SIDE + 4;
    const field = await fieldOf((patch) => noise(2).map((v) => (patch === busy ? v : v / 100)));
    const at = (row: number, column: number): number => distance(field, row * SIDE + column, 2);
    expect(at(1, 4)).toBeLessThan(at(1, 3));
    expect(at(1, 3)).toBeLessThan(at(1, 2));
    expect(at(1, 2)).toBeLessThan(at(5, 0));
    // Rows stay rows: the place mirrored at the diagonal knows nothing of it.
    expect(at(4, 1)).toBeGreaterThan(2 * at(1, 4));
    expect(at(2, 4)).toBeCloseTo(at(1, 3), 3);
  });

  test('what is no number is refused', async () => {
    await expect(fieldOf((patch) => noise(1).map((v) => (patch === 7 ? NaN : v)))).rejects.toThrow(
      expect.objectContaining({ code: 'NUMBERS_NOT_FINITE' }) as Error,
    );
  });
});
