// The method gives what NumPy, SciPy and PyTorch give from the paper's equations (tools/make_padim_goldens.py):
// statistics, distances, maps and scores, through the shipped graphs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import type { CovarianceKind, Embedding } from '../../../src/core/ports/engine.ts';
import { OnnxEngine } from '../../../src/engine/onnx-engine.ts';
import { EmbeddingStatistics } from '../../../src/padim/embedding-statistics.ts';
import { gaussianField } from '../../../src/padim/gaussian-field.ts';
import { mapOperator } from '../../../src/padim/maths/map-operator.ts';
import { profileNamed } from '../../../src/padim/profile.ts';
import { decodeSafetensors, toFloat32 } from '../../../src/store/safetensors.ts';
import { ROOT } from '../../support/patchwatch.ts';

const MAX_RELATIVE_ERROR = 1e-4;
const KINDS: readonly CovarianceKind[] = ['own', 'shared'];

const golden = decodeSafetensors(
  readFileSync(join(ROOT, 'test/fixtures/padim/golden.safetensors')),
);
const scores = JSON.parse(golden.metadata.scores ?? '{}') as Record<CovarianceKind, number[]>;

const goldenFloats = (name: string): Float32Array => toFloat32(golden.tensors[name]!);

const goldenEmbedding = (name: string): Embedding => {
  const [patchCount = 0, frameCount = 0, dimensions = 0] = golden.tensors[name]!.shape;
  return { patchCount, frameCount, dimensions, values: goldenFloats(name) };
};

const train = goldenEmbedding('train');
const held = goldenEmbedding('test');
const grid = Math.sqrt(train.patchCount);

/** The paper's own ε and σ; the fixture's grid and map are smaller. */
const { epsilon, map } = profileNamed('paper');
const MAP_SIDE = 64;

const framesOf = (whole: Embedding, first: number, frameCount: number): Embedding => {
  const { patchCount, dimensions, values } = whole;
  const part = new Float32Array(patchCount * frameCount * dimensions);
  for (let patch = 0; patch < patchCount; patch++) {
    const from = (patch * whole.frameCount + first) * dimensions;
    part.set(
      values.subarray(from, from + frameCount * dimensions),
      patch * frameCount * dimensions,
    );
  }
  return { patchCount, frameCount, dimensions, values: part };
};

const onnx = new OnnxEngine({ assetsDir: join(ROOT, 'assets'), threads: 1 });
afterAll(() => onnx.close());

/** Statistics of the training frames, some frames at a time, about the first. */
const learn = async (kind: CovarianceKind, batchFrames: number): Promise<EmbeddingStatistics> => {
  const shift = framesOf(train, 0, 1).values;
  const { patchCount, dimensions } = train;
  const statistics = new EmbeddingStatistics({ kind, patchCount, dimensions, shift });
  for (let first = 0; first < train.frameCount; first += batchFrames) {
    const count = Math.min(batchFrames, train.frameCount - first);
    statistics.add(await onnx.moments(framesOf(train, first, count), shift, kind), count);
  }
  return statistics;
};

const largestRelativeError = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(got.length).toBe(expected.length);
  return Array.from(expected).reduce(
    (largest, value, index) => Math.max(largest, Math.abs(got[index]! - value) / Math.abs(value)),
    0,
  );
};

describe.each(KINDS)('%s covariance', (kind) => {
  test('mean and regularised covariance', async () => {
    const { patchCount, dimensions: d } = train;
    const statistics = await learn(kind, 11);
    const expected = goldenFloats(`covariance.${kind}`);
    const mean = new Float64Array(d);
    const covariance = new Float64Array(d * d);
    for (let patch = 0; patch < patchCount; patch++) {
      statistics.meanInto(patch, mean);
      const goldenMean = goldenFloats('mean').subarray(patch * d, (patch + 1) * d);
      expect(largestRelativeError(mean, goldenMean)).toBeLessThanOrEqual(MAX_RELATIVE_ERROR);
    }
    for (let patch = 0; patch < expected.length / (d * d); patch++) {
      statistics.covarianceInto(patch, covariance);
      const wanted = expected.subarray(patch * d * d, (patch + 1) * d * d);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j <= i; j++) {
          // Against the variances: a correlation may be next to nothing.
          const size = Math.sqrt(wanted[i * d + i]! * wanted[j * d + j]!);
          const got = covariance[i * d + j]! + (i === j ? epsilon : 0);
          expect(Math.abs(got - wanted[i * d + j]!) / size).toBeLessThanOrEqual(MAX_RELATIVE_ERROR);
        }
      }
    }
  });

  test.each([1, 7, 33])('Mahalanobis distances, learnt %i frames at a time', async (batch) => {
    const gaussian = gaussianField(await learn(kind, batch), { epsilon });
    const distances = await onnx.distances(held, gaussian);
    const error = largestRelativeError(distances, goldenFloats(`distances.${kind}`));
    expect(error).toBeLessThanOrEqual(MAX_RELATIVE_ERROR);
  });

  test.each([1, 5])('maps and scores, %i frames at a time', async (batch) => {
    const gaussian = gaussianField(await learn(kind, 11), { epsilon });
    const operator = mapOperator(grid, MAP_SIDE, map.sigma);
    const cells = MAP_SIDE ** 2;
    const expected = goldenFloats(`maps.${kind}`);
    for (let first = 0; first < held.frameCount; first += batch) {
      const distances = await onnx.distances(framesOf(held, first, batch), gaussian);
      const maps = await onnx.resizeMaps(distances, grid, operator, MAP_SIDE);
      const wanted = expected.subarray(first * cells, (first + batch) * cells);
      expect(largestRelativeError(maps, wanted)).toBeLessThanOrEqual(MAX_RELATIVE_ERROR);
      const got = Array.from({ length: batch }, (_, frame) =>
        Math.max(...maps.subarray(frame * cells, (frame + 1) * cells)),
      );
      const error = largestRelativeError(got, scores[kind].slice(first, first + batch));
      expect(error).toBeLessThanOrEqual(MAX_RELATIVE_ERROR);
    }
  });
});

test('the two kinds differ, so that one cannot pass for the other', () => {
  expect(
    largestRelativeError(goldenFloats('distances.own'), goldenFloats('distances.shared')),
  ).toBeGreaterThan(0.1);
});
