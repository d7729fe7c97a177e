// Moments of a few tiny frames, by plain loops: what an engine hands to the statistics.
import type { BatchMoments, CovarianceKind } from '../../../src/core/ports/engine.ts';
import { EmbeddingStatistics } from '../../../src/padim/embedding-statistics.ts';

export const PATCHES = 3;
export const DIMENSIONS = 4;

/** (patch, channel). */
export type Frame = readonly number[];

export const momentsOf = (
  frames: readonly Frame[],
  kind: CovarianceKind,
  shift: Float32Array,
): BatchMoments => {
  const sum = new Float32Array(PATCHES * DIMENSIONS);
  const matrices = kind === 'own' ? PATCHES : 1;
  const product = new Float32Array(matrices * DIMENSIONS ** 2);
  for (const frame of frames) {
    for (let patch = 0; patch < PATCHES; patch++) {
      const matrix = (kind === 'own' ? patch : 0) * DIMENSIONS ** 2;
      for (let i = 0; i < DIMENSIONS; i++) {
        const a = patch * DIMENSIONS + i;
        sum[a]! += frame[a]! - shift[a]!;
        for (let j = 0; j < DIMENSIONS; j++) {
          const b = patch * DIMENSIONS + j;
          product[matrix + i * DIMENSIONS + j]! +=
            (frame[a]! - shift[a]!) * (frame[b]! - shift[b]!);
        }
      }
    }
  }
  return { sum, product };
};

export const statisticsOver = (
  frames: readonly Frame[],
  kind: CovarianceKind,
  shift: Float32Array,
): EmbeddingStatistics => {
  const statistics = new EmbeddingStatistics({
    kind,
    patchCount: PATCHES,
    dimensions: DIMENSIONS,
    shift,
  });
  if (frames.length > 0) statistics.add(momentsOf(frames, kind, shift), frames.length);
  return statistics;
};
