// What is known of a camera's normal view, as a part of its model: arrays and numbers by name.
import type { ModelPart, PartArray } from '../core/model-part.ts';
import { BLOCKS, COARSE_SIDE, FINE_SIDE, GREY_SIDE, HALF_CELLS, HALF_SIDE } from './view-grid.ts';
import { BANDS } from './picture-look.ts';

/** Measures of each block that are learnt, in this order: agreement with the learnt structure, then the bands. */
export const BLOCK_MEASURES = 1 + BANDS;

/** Measures of the whole picture that are learnt, by place. */
export const SCENE_MEASURES = {
  agreement: 0,
  sharpness: 1,
  /** Logarithms. */
  luma: 2,
  noise: 3,
  /** Shares. */
  dark: 4,
  bright: 5,
} as const;
export const SCENE_MEASURE_COUNT = 6;

export const SHAPES = {
  /** (half of the stretches, row, column, 2) */
  structure: [2, HALF_SIDE, HALF_SIDE, 2],
  fine: [FINE_SIDE, FINE_SIDE],
  coarse: [COARSE_SIDE, COARSE_SIDE],
  /** (mean or spread, measure, block) */
  blocks: [2, BLOCK_MEASURES * BLOCKS],
  scene: [2, SCENE_MEASURE_COUNT],
  /** Share of the frames in which a cell was grey. */
  grey: [GREY_SIDE, GREY_SIDE],
} as const;
export type ViewArray = keyof typeof SHAPES;

/** Layout of one half's structure. */
export const STRUCTURE_VALUES = 2 * HALF_CELLS;

/** Frames that a half was made of, frames that were held against the other half, and runs of repeats. */
export const NUMBERS = [
  'firstHalf',
  'secondHalf',
  'heldOut',
  'taken',
  'longestRepeatMs',
  'leastDifference',
] as const;
export type ViewNumber = (typeof NUMBERS)[number];

export const sizeOf = (name: ViewArray): number =>
  SHAPES[name].reduce((product: number, side) => product * side, 1);

/** @throws RangeError for what is no part of this kind */
export const arrayOf = (part: ModelPart, name: ViewArray): Float32Array => {
  const values = part.arrays[name]?.values;
  if (values?.length !== sizeOf(name)) throw new RangeError(`the view lacks its "${name}"`);
  return values;
};

/** @throws RangeError */
export const numberOf = (part: ModelPart, name: ViewNumber): number => {
  const value = part.numbers[name];
  if (value === undefined || !Number.isFinite(value)) {
    throw new RangeError(`the view lacks its "${name}"`);
  }
  return value;
};

export const half = (name: ViewArray, values: Float32Array): PartArray => ({
  shape: SHAPES[name],
  values: values.slice(),
  precision: 'half',
});
