import { describe, expect, test } from 'vitest';

import { StillScore, topMean } from '../../../src/evaluation/still-score.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';

const CELLS = 400;

/** Ten, give or take `spread` of the cell. */
const picture = (random: () => number, spread: (cell: number) => number): Float32Array =>
  Float32Array.from({ length: CELLS }, (_, cell) => 10 + spread(cell) * (random() - 0.5));

test('topMean: of the largest hundredth', () => {
  const map = new Float32Array(CELLS).fill(1);
  map.set([9, 8, 7, 6, 5], 100);
  expect(topMean(map, new Float32Array(CELLS))).toBe(7.5);
});

describe('StillScore', () => {
  test('where normal pictures vary, more is needed', () => {
    const random = seededRandom(1);
    const spread = (cell: number): number => (cell < 20 ? 12 : 1);
    const score = new StillScore(CELLS);
    for (let count = 0; count < 60; count++) score.addHeldOut(picture(random, spread));
    score.finish();
    const normal = Array.from({ length: 30 }, () => score.of(picture(random, spread)));
    const broken = Array.from({ length: 30 }, () => {
      const map = picture(random, spread);
      for (let cell = 200; cell < 206; cell++) map[cell]! += 3;
      return score.of(map);
    });
    // The largest cell could not tell: 16 at the most in either.
    expect(Math.min(...broken)).toBeGreaterThan(Math.max(...normal));
  });

  test('too few held-out pictures: distances alone', () => {
    const score = new StillScore(CELLS);
    for (let count = 0; count < 9; count++) score.addHeldOut(new Float32Array(CELLS).fill(count));
    score.finish();
    expect(score.of(new Float32Array(CELLS).fill(4))).toBe(4);
  });

  test('the same in all pictures: no division by nothing', () => {
    const score = new StillScore(CELLS);
    for (let count = 0; count < 20; count++) score.addHeldOut(new Float32Array(CELLS).fill(2));
    score.finish();
    expect(Number.isFinite(score.of(new Float32Array(CELLS).fill(3)))).toBe(true);
  });
});
