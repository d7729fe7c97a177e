// What a scene's model knows of what stays: the slow pictures' states at each position, how far from them normal slow pictures
// lie there, and the threshold. Kept in the model's file as its part `stay`.
import type { ModelPart, PartArray } from '../core/model-part.ts';

export interface StayModel {
  /** Positions are a grid, row-major; `patchCount` its cells. */
  readonly patchCount: number;
  /** Channels of the embedding. */
  readonly dimensions: number;
  readonly stateCount: number;
  /** (patch, channel): median embedding of the normal slow pictures. */
  readonly mean: Float32Array;
  /** (channel): mean squared residual of the normal slow pictures about it. */
  readonly scale: Float32Array;
  /** (channel, channel): residual · factor has about unit covariance. */
  readonly factor: Float32Array;
  /** (state, patch, channel): residuals, whitened. */
  readonly states: Float32Array;
  /** (patch): distance of normal slow pictures of other minutes to the nearest state, its mean and deviation. */
  readonly normalMean: Float32Array;
  readonly normalDeviation: Float32Array;
  /** Of the largest deviation in a picture, in standard deviations. */
  readonly threshold: number;
  /** False changes a day that the threshold is set for. */
  readonly predictedPerDay: number;
  /** Slow pictures that it was learnt from. */
  readonly pictureCount: number;
  /** Stream time from one to the next, milliseconds. */
  readonly stepMs: number;
}

export interface StayShape {
  readonly patchCount: number;
  readonly dimensions: number;
}

const MAX_STATES = 64;
const NUMBERS = ['threshold', 'predictedPerDay', 'pictureCount', 'stepMs'] as const;

export const toPart = (model: StayModel): ModelPart => {
  const { patchCount, dimensions: d, stateCount } = model;
  const array = (
    values: Float32Array,
    precision: PartArray['precision'],
    ...shape: number[]
  ): PartArray => ({ shape, values, precision });
  return {
    numbers: Object.fromEntries(NUMBERS.map((name) => [name, model[name]])),
    arrays: {
      mean: array(model.mean, 'half', patchCount, d),
      scale: array(model.scale, 'single', d),
      factor: array(model.factor, 'single', d, d),
      states: array(model.states, 'half', stateCount, patchCount, d),
      normalMean: array(model.normalMean, 'single', patchCount),
      normalDeviation: array(model.normalDeviation, 'single', patchCount),
    },
  };
};

/**
 * @param shape of the embedding that it will be held against
 * @throws RangeError naming what is missing, of another shape, or not finite
 */
export const fromPart = (part: ModelPart, { patchCount, dimensions: d }: StayShape): StayModel => {
  const stateCount = part.arrays['states']?.shape[0] ?? 0;
  if (!(stateCount >= 1 && stateCount <= MAX_STATES))
    throw new RangeError(`stay: states has ${stateCount} of them, not 1 to ${MAX_STATES}`);
  return {
    patchCount,
    dimensions: d,
    stateCount,
    mean: arrayOf(part, 'mean', [patchCount, d]),
    scale: positive('scale', arrayOf(part, 'scale', [d])),
    factor: arrayOf(part, 'factor', [d, d]),
    states: arrayOf(part, 'states', [stateCount, patchCount, d]),
    normalMean: arrayOf(part, 'normalMean', [patchCount]),
    normalDeviation: positive('normalDeviation', arrayOf(part, 'normalDeviation', [patchCount])),
    threshold: positiveNumber(part, 'threshold'),
    predictedPerDay: numberOf(part, 'predictedPerDay'),
    pictureCount: numberOf(part, 'pictureCount'),
    stepMs: positiveNumber(part, 'stepMs'),
  };
};

/** @throws RangeError */
export const numberOf = (part: ModelPart, name: string): number => {
  const value = part.numbers[name];
  if (value === undefined || !Number.isFinite(value))
    throw new RangeError(`stay: ${name} is ${value ?? 'missing'}, not a finite number`);
  return value;
};

/** @throws RangeError */
export const arrayOf = (part: ModelPart, name: string, shape: readonly number[]): Float32Array => {
  const array = part.arrays[name];
  if (array === undefined) throw new RangeError(`stay: ${name} is missing`);
  const length = shape.reduce((product, size) => product * size, 1);
  if (array.shape.join() !== shape.join() || array.values.length !== length)
    throw new RangeError(
      `stay: ${name} is of shape ${array.shape.join('×')}, not ${shape.join('×')}`,
    );
  if (!array.values.every(Number.isFinite))
    throw new RangeError(`stay: ${name} holds numbers that are not finite`);
  return array.values;
};

const positiveNumber = (part: ModelPart, name: string): number => {
  const value = numberOf(part, name);
  if (value > 0) return value;
  throw new RangeError(`stay: ${name} is ${value}, not above zero`);
};

const positive = (name: string, values: Float32Array): Float32Array => {
  if (values.every((value) => value > 0)) return values;
  throw new RangeError(`stay: ${name} holds numbers that are not above zero`);
};
