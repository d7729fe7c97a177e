// A camera's normal view, made ready for measuring pictures against it.
import type { ModelPart } from '../core/model-part.ts';
import { RegistrationLevel } from './registration.ts';
import { structureNorms } from './structure.ts';
import { BLOCKS, COARSE_SIDE, FINE_SIDE } from './view-grid.ts';
import {
  arrayOf,
  BLOCK_MEASURES,
  numberOf,
  SCENE_MEASURE_COUNT,
  STRUCTURE_VALUES,
} from './view-state.ts';

/** A block whose edges agree less than this with themselves, held out, has none that could be lost. */
export const LEAST_AGREEMENT = 0.3;
/** Lost: half of the usual agreement is gone, and it is this many spreads below what it was. */
const LOST_SHARE = 0.5;
const LOST_SPREADS = 4;
/** Logarithm of the energy at mid fineness: some two grey levels. */
const DETAILED = 1;
/** Below this an agreement is chance. */
const CHANCE = 0.1;
/** Frames in which a cell was grey, of all: it may be. */
const GREY_OFTEN = 0.02;

export interface LearnedView {
  /** (cell, 2), the mean of all stretches, and its norm in each block. */
  readonly structure: Float32Array;
  readonly norms: Float32Array;
  readonly fine: RegistrationLevel;
  readonly coarse: RegistrationLevel;
  readonly coarsePicture: Float32Array;
  /** Of the blocks: usual agreement, agreement below which it is lost (0 where it can't be told). */
  readonly agreement: Float32Array;
  readonly lostBelow: Float32Array;
  /** Blocks whose structure can be lost. */
  readonly structuredBlocks: number;
  /** (band, block): mean logarithm of energy. */
  readonly bands: Float32Array;
  /** Blocks whose edges are fine enough to show a blur. */
  readonly detailed: Uint16Array;
  /** Means and spreads of the whole picture's measures (view-state.ts). */
  readonly scene: Float32Array;
  readonly sceneSpreads: Float32Array;
  /** 1 for cells in which grey is news. */
  readonly greyCells: Uint8Array;
  readonly longestRepeatMs: number;
  readonly leastDifference: number;
}

/** @throws RangeError for a part of another kind */
export const learnedView = (part: ModelPart): LearnedView => {
  const halves = arrayOf(part, 'structure');
  const first = numberOf(part, 'firstHalf');
  const share = first / Math.max(1, first + numberOf(part, 'secondHalf'));
  const structure = Float32Array.from(
    { length: STRUCTURE_VALUES },
    (_, at) => share * halves[at]! + (1 - share) * halves[at + STRUCTURE_VALUES]!,
  );
  const norms = new Float32Array(BLOCKS);
  structureNorms(structure, norms);
  const blocks = arrayOf(part, 'blocks');
  const agreement = blocks.slice(0, BLOCKS);
  const spreads = blocks.subarray(BLOCK_MEASURES * BLOCKS);
  const lostBelow = agreement.map((usual, block) => {
    const limit = Math.min(LOST_SHARE * usual, usual - LOST_SPREADS * spreads[block]!);
    return usual < LEAST_AGREEMENT || limit < CHANCE ? 0 : limit;
  });
  const scene = arrayOf(part, 'scene');
  const bands = blocks.slice(BLOCKS, BLOCK_MEASURES * BLOCKS);
  const coarsePicture = arrayOf(part, 'coarse');
  return {
    structure,
    norms,
    fine: new RegistrationLevel(arrayOf(part, 'fine'), FINE_SIDE),
    coarse: new RegistrationLevel(coarsePicture, COARSE_SIDE),
    coarsePicture,
    agreement,
    lostBelow,
    structuredBlocks: lostBelow.reduce((count, limit) => count + (limit > 0 ? 1 : 0), 0),
    bands,
    detailed: Uint16Array.from({ length: BLOCKS }, (_, block) => block).filter(
      (block) => agreement[block]! >= LEAST_AGREEMENT && bands[BLOCKS + block]! >= DETAILED,
    ),
    scene: scene.slice(0, SCENE_MEASURE_COUNT),
    sceneSpreads: scene.slice(SCENE_MEASURE_COUNT),
    greyCells: Uint8Array.from(arrayOf(part, 'grey'), (often) => (often < GREY_OFTEN ? 1 : 0)),
    longestRepeatMs: numberOf(part, 'longestRepeatMs'),
    leastDifference: numberOf(part, 'leastDifference'),
  };
};
