// From the embeddings of normal slow pictures to a model of what stays. They lie on disk: each step goes through them picture by
// picture, or through some positions of all of them.
import { PatchwatchError } from '../core/errors.ts';
import type { Engine } from '../core/ports/engine.ts';
import { choleskyInPlace, invertLowerInPlace } from '../padim/maths/cholesky.ts';
import { CommonShift } from './common-shift.ts';
import { MapFilter, nearestSquare } from './nearest-state.ts';
import { blockMaxima, normalOf, stayThreshold } from './stay-normal.ts';
import { STATE_COUNT, StateFinder } from './stay-states.ts';
import type { StayModel, StayShape } from './stay-model.ts';
import { cutStretches, foldsOf } from './stretch-cut.ts';

/** Added to the covariance's diagonal (PaDiM, eq. 1), and to the scale of channels that never vary. */
const EPSILON = 0.01;
/** The median of more pictures is the same. */
const MEDIAN_SAMPLE = 100;
/** States are found from at most about so many: those of neighbouring seconds are nearly equal. */
const TAUGHT_AT_MOST = 200;
/** Positions that are worked on in one go. */
const BLOCK_PATCHES = 64;

export interface StayFitOptions extends StayShape {
  readonly engine: Engine;
  readonly grid: number;
  /** Pictures in order, that follow each other where they differ by one. */
  readonly ordinals: readonly number[];
  /** Fills `target` with the embedding, (patch, channel), of a picture from number `from` on. */
  readonly read: (picture: number, from: number, target: Float32Array) => void;
  /** The same for what the fit has written of that picture. */
  readonly readWorked: (picture: number, from: number, target: Float32Array) => void;
  readonly writeWorked: (picture: number, values: Float32Array) => void;
  readonly stepMs: number;
  readonly changesPerDay: number;
}

/** @throws PatchwatchError NUMBERS_NOT_FINITE, STORAGE_FAILED */
export const fitStay = async (options: StayFitOptions): Promise<StayModel> => {
  const { ordinals, patchCount, dimensions, stepMs, changesPerDay } = options;
  const usual = usualOf(options);
  const factor = await whiten(options, usual);
  const stretches = cutStretches(ordinals);
  const { states, distances, heldOut } = learnStates(options, stretches);
  const normal = normalOf(distances, options.grid);
  const maxima = blockMaxima(distances, normal, heldOut);
  const promise = stayThreshold(maxima, {
    blockMs: (stepMs * ordinals.length) / stretches.length,
    pictureCount: ordinals.length,
    changesPerDay,
  });
  return {
    ...{ patchCount, dimensions, stateCount: STATE_COUNT, ...usual, factor, states },
    ...{ normalMean: normal.mean, normalDeviation: normal.deviation },
    ...{ ...promise, pictureCount: ordinals.length, stepMs },
  };
};

interface Usual {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** Median over the pictures, and each channel's mean squared residual about it. */
const usualOf = ({ ordinals, patchCount, dimensions: d, read }: StayFitOptions): Usual => {
  const every = Math.ceil(ordinals.length / MEDIAN_SAMPLE);
  const sample = [...ordinals.keys()].filter((index) => index % every === 0);
  const mean = new Float32Array(patchCount * d);
  const squares = new Float64Array(d);
  const block = BLOCK_PATCHES * d;
  const values = new Float32Array(sample.length * block);
  const sorted = new Float32Array(sample.length);
  for (let from = 0; from < mean.length; from += block) {
    const length = Math.min(block, mean.length - from);
    for (const [index, picture] of sample.entries())
      read(picture, from, values.subarray(index * block, index * block + length));
    for (let at = 0; at < length; at++) {
      for (let index = 0; index < sample.length; index++)
        sorted[index] = values[index * block + at]!;
      const median = sorted.sort()[sample.length >> 1]!;
      mean[from + at] = median;
      for (const value of sorted) squares[at % d]! += (value - median) ** 2;
    }
  }
  const count = sample.length * patchCount;
  return { mean, scale: Float32Array.from(squares, (sum) => sum / count + EPSILON ** 2) };
};

/**
 * Writes the whitened residuals of every picture.
 * @returns (channel, channel) the factor that whitened them
 */
const whiten = async (options: StayFitOptions, usual: Usual): Promise<Float32Array> => {
  const { engine, ordinals, patchCount, dimensions, read, readWorked, writeWorked } = options;
  const shift = new CommonShift({ patchCount, dimensions, ...usual });
  const values = new Float32Array(patchCount * dimensions);
  const residuals = new Float32Array(values.length);
  const mean = new Float32Array(values.length);
  for (const picture of ordinals.keys()) {
    read(picture, 0, values);
    shift.residuals(values, residuals);
    writeWorked(picture, residuals);
    for (let at = 0; at < mean.length; at++) mean[at]! += residuals[at]! / ordinals.length;
  }
  const embedding = { patchCount, frameCount: 1, dimensions, values: residuals };
  const covariance = new Float64Array(dimensions * dimensions);
  for (const picture of ordinals.keys()) {
    readWorked(picture, 0, residuals);
    const { product } = await engine.moments(embedding, mean, 'shared');
    const weight = 1 / (ordinals.length * patchCount);
    for (let at = 0; at < covariance.length; at++) covariance[at]! += product[at]! * weight;
  }
  const factor = inverseFactor(covariance, dimensions);
  for (const picture of ordinals.keys()) {
    readWorked(picture, 0, residuals);
    writeWorked(picture, (await engine.project(embedding, factor)).values);
  }
  return factor;
};

/** L⁻ᵀ, where covariance + εI = L Lᵀ. */
const inverseFactor = (covariance: Float64Array, d: number): Float32Array => {
  for (let at = 0; at < covariance.length; at += d + 1) covariance[at]! += EPSILON;
  if (choleskyInPlace(covariance, d) !== undefined) {
    throw new PatchwatchError(
      'NUMBERS_NOT_FINITE',
      'slow pictures hold numbers that are not finite',
    );
  }
  invertLowerInPlace(covariance, d);
  const factor = new Float32Array(d * d);
  for (let row = 0; row < d; row++) {
    for (let column = 0; column <= row; column++)
      factor[column * d + row] = covariance[row * d + column]!;
  }
  return factor;
};

interface Learned {
  readonly states: Float32Array;
  /** (picture, patch), smoothed: of those that were held out. */
  readonly distances: Float32Array;
  /** Stretches in `distances`. */
  readonly heldOut: readonly { readonly first: number; readonly end: number }[];
}

/** States of all pictures, and how far those of each stretch lie from the states of the others. */
const learnStates = (
  options: StayFitOptions,
  stretches: ReturnType<typeof cutStretches>,
): Learned => {
  const { ordinals, patchCount, dimensions: d, grid, readWorked } = options;
  const folds = foldsOf(stretches, ordinals).map(({ heldOut, taught }) => ({
    heldOut,
    taught: thinned(taught),
  }));
  const all = thinned([...ordinals.keys()]);
  const finder = new StateFinder(d);
  const at = { first: 0, stride: d, count: STATE_COUNT, dimensions: d };
  const own = new Float32Array(STATE_COUNT * d);
  const states = new Float32Array(STATE_COUNT * patchCount * d);
  const distances = new Float32Array(ordinals.length * patchCount);
  const block = new Float32Array(ordinals.length * BLOCK_PATCHES * d);
  const points = new Float32Array(ordinals.length * d);
  for (let first = 0; first < patchCount; first += BLOCK_PATCHES) {
    const count = Math.min(BLOCK_PATCHES, patchCount - first);
    for (const picture of ordinals.keys())
      readWorked(
        picture,
        first * d,
        block.subarray(picture * count * d, (picture + 1) * count * d),
      );
    for (let patch = first; patch < first + count; patch++) {
      for (const picture of ordinals.keys()) {
        const from = (picture * count + patch - first) * d;
        points.set(block.subarray(from, from + d), picture * d);
      }
      finder.find(points, all, own);
      for (let state = 0; state < STATE_COUNT; state++)
        states.set(own.subarray(state * d, (state + 1) * d), (state * patchCount + patch) * d);
      for (const { heldOut, taught } of folds) {
        finder.find(points, taught, own);
        for (const stretch of heldOut) {
          for (let picture = stretch.first; picture < stretch.end; picture++)
            distances[picture * patchCount + patch] = Math.sqrt(
              nearestSquare(points, picture * d, own, at),
            );
        }
      }
    }
  }
  const held = folds.flatMap(({ heldOut }) => heldOut).sort((a, b) => a.first - b.first);
  return { states, ...gather(distances, held, grid) };
};

/** Smoothed maps of the stretches that were held out, one after the other. */
const gather = (
  distances: Float32Array,
  held: ReturnType<typeof cutStretches>,
  grid: number,
): Pick<Learned, 'distances' | 'heldOut'> => {
  const patchCount = grid * grid;
  const filter = new MapFilter(grid);
  const heldOut: { first: number; end: number }[] = [];
  let length = 0;
  for (const { first, end } of held) {
    distances.copyWithin(length * patchCount, first * patchCount, end * patchCount);
    heldOut.push({ first: length, end: length + end - first });
    length += end - first;
  }
  for (let picture = 0; picture < length; picture++)
    filter.apply(distances.subarray(picture * patchCount, (picture + 1) * patchCount));
  return { distances: distances.subarray(0, length * patchCount), heldOut };
};

const thinned = (indices: readonly number[]): readonly number[] => {
  const every = Math.ceil(indices.length / TAUGHT_AT_MOST);
  return indices.filter((_, at) => at % every === 0);
};
