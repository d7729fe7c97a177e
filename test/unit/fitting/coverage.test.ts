import { describe, expect, test } from 'vitest';

import { coverageShare, effectiveFrames } from '../../../src/fitting/coverage.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';

const random = seededRandom(4);
const noise = (count: number, level = 0): Float64Array =>
  Float64Array.from({ length: count }, () => level + random());

describe('coverage', () => {
  test('full when frames that were not learnt score like those that were', () => {
    expect(coverageShare([{ learnt: noise(500), heldOut: noise(500) }])).toBeGreaterThan(0.97);
  });

  test('the share that does, averaged over the halves', () => {
    const strange = Float64Array.from([...noise(60), ...noise(40, 5)]);
    const shares = [
      { learnt: noise(500), heldOut: strange },
      { learnt: noise(500), heldOut: noise(500) },
    ];
    expect(coverageShare(shares)).toBeCloseTo((0.6 / 0.99 + 1) / 2, 1);
  });

  test('none without frames to compare', () => {
    expect(coverageShare([{ learnt: noise(5), heldOut: new Float64Array(0) }])).toBe(0);
  });
});

describe('effective frames', () => {
  test('independent frames are worth what they are', () => {
    const stretches = Array.from({ length: 60 }, () => noise(50));
    expect(effectiveFrames(stretches)).toBeGreaterThan(1_800);
  });

  test('stretches of equal frames are worth one each', () => {
    const stretches = Array.from({ length: 60 }, () => new Float64Array(50).fill(random()));
    expect(effectiveFrames(stretches)).toBeCloseTo(60, 0);
  });

  test('never more than there are, nor less than one', () => {
    expect(effectiveFrames([])).toBe(0);
    expect(effectiveFrames([noise(50)])).toBe(1);
    expect(effectiveFrames([new Float64Array(9), new Float64Array(9)])).toBe(1);
  });
});
