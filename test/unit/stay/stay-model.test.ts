import { describe, expect, it } from 'vitest';

import type { ModelPart, PartArray } from '../../../src/core/model-part.ts';
import { fromPart, toPart } from '../../../src/stay/stay-model.ts';
import { madeStayModel } from './made-stay-model.ts';

const model = madeStayModel(4);
const shape = { patchCount: 16, dimensions: 3 };
const withArray = (name: string, change: Partial<PartArray>): ModelPart => {
  const part = toPart(model);
  return { ...part, arrays: { ...part.arrays, [name]: { ...part.arrays[name]!, ...change } } };
};
const withNumber = (name: string, value: number): ModelPart => {
  const part = toPart(model);
  return { ...part, numbers: { ...part.numbers, [name]: value } };
};

describe('a model of what stays', () => {
  it('comes out of its part as it went in', () => {
    expect(fromPart(toPart(model), shape)).toEqual(model);
  });

  it.each([
    ['threshold', NaN, 'stay: threshold is NaN, not a finite number'],
    ['threshold', 0, 'stay: threshold is 0, not above zero'],
    ['stepMs', -1, 'stay: stepMs is -1, not above zero'],
  ])('is refused with %s %d', (name, value, message) => {
    expect(() => fromPart(withNumber(name, value), shape)).toThrow(new RangeError(message));
  });

  it.each([
    ['mean', { shape: [3, 16] }, 'stay: mean is of shape 3×16, not 16×3'],
    ['mean', { values: new Float32Array(47) }, 'stay: mean is of shape 16×3, not 16×3'],
    ['factor', { shape: [2, 2] }, 'stay: factor is of shape 2×2, not 3×3'],
    ['states', { shape: [0, 16, 3] }, 'stay: states has 0 of them, not 1 to 64'],
    [
      'normalMean',
      { values: new Float32Array(16).fill(Infinity) },
      'stay: normalMean holds numbers that are not finite',
    ],
    [
      'normalDeviation',
      { values: new Float32Array(16) },
      'stay: normalDeviation holds numbers that are not above zero',
    ],
  ] as const)('is refused where %s does not fit', (name, change, message) => {
    expect(() => fromPart(withArray(name, change), shape)).toThrow(new RangeError(message));
  });

  it('is refused where something is missing, or made for another grid', () => {
    expect(() => fromPart({ numbers: {}, arrays: toPart(model).arrays }, shape)).toThrow(
      'stay: threshold is missing, not a finite number',
    );
    expect(() => fromPart(toPart(model), { ...shape, patchCount: 4 })).toThrow(
      'stay: mean is of shape 16×3, not 4×3',
    );
  });
});
