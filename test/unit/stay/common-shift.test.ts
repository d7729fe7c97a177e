import { describe, expect, it } from 'vitest';

import { CommonShift } from '../../../src/stay/common-shift.ts';
import { randomNumbers } from './made-stay-model.ts';

const patchCount = 256;
const dimensions = 8;
const length = patchCount * dimensions;
const mean = randomNumbers(length, 1);
const scale = new Float32Array(dimensions).fill(0.01);

const residualsOf = (values: Float32Array): Float32Array => {
  const target = new Float32Array(length);
  new CommonShift({ patchCount, dimensions, mean, scale }).residuals(values, target);
  return target;
};
const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('what is common to the whole picture', () => {
  it.each([0.7, 1.3])('is taken out: gain %d and a shift of each channel', (gain) => {
    const values = mean.map((value, at) => gain * value + (at % dimensions) - 3);
    expect(largest(residualsOf(values))).toBeLessThan(0.003);
  });

  it('is not drawn along by a third of the positions that changed', () => {
    const changed = randomNumbers(length, 2);
    const isChanged = (at: number): boolean => Math.floor(at / dimensions) % 10 < 3;
    const values = mean.map(
      (value, at) => 1.3 * value + 1 + (isChanged(at) ? 3 * changed[at]! + 2 : 0),
    );
    const residuals = residualsOf(values);
    expect(largest(residuals.filter((_, at) => !isChanged(at)))).toBeLessThan(0.05);
    expect(largest(residuals.filter((_, at) => isChanged(at)))).toBeGreaterThan(1.5);
  });

  it('tells no gain by a channel without structure', () => {
    const flat = new Float32Array(length).fill(0.5);
    const noise = randomNumbers(length, 3).map((value) => 0.5 + 0.1 * value);
    const target = new Float32Array(length);
    new CommonShift({ patchCount, dimensions, mean: flat, scale }).residuals(noise, target);
    expect(largest(target)).toBeLessThan(0.12);
  });
});
