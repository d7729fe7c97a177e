// What a model knows of its scene beside its Gaussians, and what a fit knows of it: named numbers and arrays, which
// whoever made them reads again. A model may lack any of them: it is then not judged by it.

export const PART_NAMES = ['stay', 'view', 'movement'] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface PartArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** How it is kept in a file: half precision where its rounding is below what noise does. */
  readonly precision: 'single' | 'half';
}

export const singleArray = (shape: readonly number[], values: Float32Array): PartArray => ({
  shape,
  values,
  precision: 'single',
});

export interface ModelPart {
  readonly numbers: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, PartArray>>;
}

export type ModelParts = Readonly<Partial<Record<PartName, ModelPart>>>;
