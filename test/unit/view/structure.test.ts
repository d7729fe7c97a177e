import { describe, expect, test } from 'vitest';

import { compareStructure, Structure, structureNorms } from '../../../src/view/structure.ts';
import { BLOCKS, HALF_CELLS, HALF_SIDE } from '../../../src/view/view-grid.ts';

const pattern = (turn: number): Float32Array =>
  Float32Array.from({ length: HALF_CELLS }, (_, at) => {
    const along = (at % HALF_SIDE) * Math.cos(turn) + Math.floor(at / HALF_SIDE) * Math.sin(turn);
    return 120 + 50 * Math.sin(along / 3);
  });

const structureOf = (luma: Float32Array): Float32Array => {
  const structure = new Structure();
  structure.see(luma);
  return structure.values;
};

/** Mean over the blocks within the picture's border. */
const agreement = (a: Float32Array, b: Float32Array): number => {
  const learnt = structureOf(a);
  const norms = new Float32Array(BLOCKS);
  structureNorms(learnt, norms);
  const blocks = new Float32Array(BLOCKS);
  compareStructure(structureOf(b), learnt, norms, blocks);
  return blocks.reduce((sum, value) => sum + value, 0) / BLOCKS;
};

describe('the structure of a picture', () => {
  const upright = pattern(0.3);

  test.each([
    ['itself', upright],
    ['itself in other light', upright.map((value) => 0.3 * value + 40)],
    ['its negative', upright.map((value) => 255 - value)],
  ])('agrees with %s', (_name, other) => {
    expect(agreement(upright, other)).toBeCloseTo(1, 3);
  });

  test('is the opposite of edges at a right angle', () => {
    expect(agreement(upright, pattern(0.3 + Math.PI / 2))).toBeLessThan(-0.75);
  });

  test('has nothing to do with edges at half of that', () => {
    expect(Math.abs(agreement(upright, pattern(0.3 + Math.PI / 4)))).toBeLessThan(0.1);
  });

  test('of a flat picture is none', () => {
    expect(structureOf(new Float32Array(HALF_CELLS).fill(90)).every((value) => value === 0)).toBe(
      true,
    );
  });
});
