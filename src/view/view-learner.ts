// Learns what a camera's normal view looks like: where its edges are, how fine they are, how bright and noisy it is, and
// how much all that varies. Each frame's edges are held against those of the other stretches: so that the limits are
// the camera's own, and of footage that the learnt picture was not made of.
import { FRAME_BYTES } from '../core/frame.ts';
import type { ModelPart } from '../core/model-part.ts';
import type { LearnedBatch, PartLearner } from '../core/ports/part-learner.ts';
import { EvenPicture } from './even-picture.ts';
import { FrameDifference } from './frame-difference.ts';
import { findGreyCells } from './grey-cells.ts';
import { BANDS, PictureLook } from './picture-look.ts';
import { RunningSpread } from './running-spread.ts';
import { compareStructure, Structure, structureNorms } from './structure.ts';
import { BLOCKS, COARSE_SIDE, FINE_SIDE, GREY_CELLS } from './view-grid.ts';
import {
  arrayOf,
  BLOCK_MEASURES,
  half,
  NUMBERS,
  numberOf,
  SCENE_MEASURE_COUNT,
  SCENE_MEASURES,
  SHAPES,
  STRUCTURE_VALUES,
  type ViewNumber,
} from './view-state.ts';

/** At first frames are taken this often, so that seconds of footage suffice; later once a second. */
const FIRST_EVERY_MS = 200;
const FIRST_FRAMES = 50;
const EVERY_MS = 1_000;
/** Frames taken of a stretch before the other half has its turn. */
const STRETCH_FRAMES = 5;
/** Frames that must have been held against a learnt picture; fewer tell nothing of how it varies. */
const LEAST_HELD_OUT = 8;
/** Logarithms of what may be nothing. */
const LEAST = 0.01;

export class ViewLearner implements PartLearner {
  readonly name = 'view';
  readonly #look = new PictureLook();
  readonly #structure = new Structure();
  readonly #difference = new FrameDifference();
  readonly #fine = new EvenPicture(FINE_SIDE);
  readonly #coarse = new EvenPicture(COARSE_SIDE);
  readonly #norms = new Float32Array(BLOCKS);
  /** (measure, block) of the newest frame. */
  readonly #blockValues = new Float32Array(BLOCK_MEASURES * BLOCKS);
  readonly #sceneValues = new Float32Array(SCENE_MEASURE_COUNT);
  readonly #greyNow = new Uint8Array(GREY_CELLS);
  /** Means over the frames taken: the structure of either half, the even pictures; and how often cells were grey. */
  readonly #halves = new Float32Array(2 * STRUCTURE_VALUES);
  readonly #finePicture = new Float32Array(FINE_SIDE * FINE_SIDE);
  readonly #coarsePicture = new Float32Array(COARSE_SIDE * COARSE_SIDE);
  readonly #grey = new Float32Array(GREY_CELLS);
  readonly #blocks = new RunningSpread(BLOCK_MEASURES * BLOCKS);
  readonly #scene = new RunningSpread(SCENE_MEASURE_COUNT);
  readonly #numbers: Record<ViewNumber, number> = {
    firstHalf: 0,
    secondHalf: 0,
    heldOut: 0,
    taken: 0,
    longestRepeatMs: 0,
    leastDifference: 1e6,
  };
  #takenAtMs = -Infinity;
  #repeatSinceMs: number | undefined;

  add({ pixels, hasContext, timesMs }: LearnedBatch): void {
    timesMs.forEach((timeMs, index) => {
      const at = (index + (hasContext ? 1 : 0)) * FRAME_BYTES;
      const before = at === 0 ? undefined : at - FRAME_BYTES;
      this.#countRepeats(pixels, before, at, timeMs);
      const everyMs = this.#numbers.taken < FIRST_FRAMES ? FIRST_EVERY_MS : EVERY_MS;
      // A frame's time may come a little early; and another recording may start anew.
      const sinceMs = timeMs - this.#takenAtMs;
      if (before === undefined || (sinceMs >= 0 && sinceMs < 0.9 * everyMs)) return;
      this.#takenAtMs = timeMs;
      this.#take(pixels, before, at);
    });
  }

  finish(): ModelPart | undefined {
    if (this.#numbers.heldOut < LEAST_HELD_OUT) return undefined;
    return this.state();
  }

  state(): ModelPart {
    return {
      numbers: { ...this.#numbers },
      arrays: {
        structure: half('structure', this.#halves),
        fine: half('fine', this.#finePicture),
        coarse: half('coarse', this.#coarsePicture),
        blocks: { ...this.#blocks.state, shape: SHAPES.blocks },
        scene: { ...this.#scene.state, shape: SHAPES.scene },
        grey: half('grey', this.#grey),
      },
    };
  }

  restore(state: ModelPart): void {
    for (const name of NUMBERS) this.#numbers[name] = numberOf(state, name);
    this.#halves.set(arrayOf(state, 'structure'));
    this.#finePicture.set(arrayOf(state, 'fine'));
    this.#coarsePicture.set(arrayOf(state, 'coarse'));
    this.#grey.set(arrayOf(state, 'grey'));
    this.#blocks.restore(arrayOf(state, 'blocks'), this.#numbers.heldOut);
    this.#scene.restore(arrayOf(state, 'scene'), this.#numbers.heldOut);
  }

  /** Exact ones: a camera slower than it is watched repeats its frames, and may. */
  #countRepeats(pixels: Uint8Array, before: number | undefined, at: number, timeMs: number): void {
    if (before === undefined || !isRepeated(pixels, before, at)) {
      this.#repeatSinceMs = timeMs;
      return;
    }
    this.#repeatSinceMs ??= timeMs;
    this.#numbers.longestRepeatMs = Math.max(
      this.#numbers.longestRepeatMs,
      timeMs - this.#repeatSinceMs,
    );
  }

  #take(pixels: Uint8Array, before: number, at: number): void {
    const numbers = this.#numbers;
    this.#look.see(pixels, at);
    this.#structure.see(this.#look.luma);
    this.#fine.see(this.#look.fine);
    this.#coarse.see(this.#look.coarse);
    this.#difference.see(pixels, before, at);
    findGreyCells(pixels, at, this.#greyNow);
    const isSecond = Math.floor(numbers.taken / STRETCH_FRAMES) % 2 === 1;
    const own = this.#half(isSecond);
    const other = this.#half(!isSecond);
    if ((isSecond ? numbers.firstHalf : numbers.secondHalf) >= STRETCH_FRAMES) this.#holdOut(other);
    numbers.taken += 1;
    if (isSecond) numbers.secondHalf += 1;
    else numbers.firstHalf += 1;
    mixIn(own, this.#structure.values, isSecond ? numbers.secondHalf : numbers.firstHalf);
    mixIn(this.#finePicture, this.#fine.values, numbers.taken);
    mixIn(this.#coarsePicture, this.#coarse.values, numbers.taken);
    mixIn(this.#grey, this.#greyNow, numbers.taken);
    if (this.#difference.mean > 0) {
      numbers.leastDifference = Math.min(numbers.leastDifference, this.#difference.mean);
    }
  }

  #half(isSecond: boolean): Float32Array {
    return isSecond
      ? this.#halves.subarray(STRUCTURE_VALUES)
      : this.#halves.subarray(0, STRUCTURE_VALUES);
  }

  /** The frame's measures against a picture that it is no part of. */
  #holdOut(learnt: Float32Array): void {
    const blocks = this.#blockValues;
    const scene = this.#sceneValues;
    const agreement = blocks.subarray(0, BLOCKS);
    structureNorms(learnt, this.#norms);
    compareStructure(this.#structure.values, learnt, this.#norms, agreement);
    const { bands, meanLuma, darkShare, brightShare } = this.#look;
    blocks.set(bands, BLOCKS);
    scene[SCENE_MEASURES.agreement] = meanOf(agreement);
    scene[SCENE_MEASURES.sharpness] =
      meanOf(bands.subarray(BLOCKS, 2 * BLOCKS)) - meanOf(bands.subarray((BANDS - 1) * BLOCKS));
    scene[SCENE_MEASURES.luma] = Math.log(meanLuma + 1);
    // A repeated picture says nothing of noise: the last one that was new does.
    if (this.#difference.mean > 0)
      scene[SCENE_MEASURES.noise] = Math.log(this.#difference.median + LEAST);
    scene[SCENE_MEASURES.dark] = darkShare;
    scene[SCENE_MEASURES.bright] = brightShare;
    this.#blocks.add(blocks);
    this.#scene.add(scene);
    this.#numbers.heldOut += 1;
  }
}

/** Native and fast: most pictures differ within the first bytes. */
export const isRepeated = (pixels: Uint8Array, before: number, at: number): boolean =>
  Buffer.compare(
    pixels.subarray(before, before + FRAME_BYTES),
    pixels.subarray(at, at + FRAME_BYTES),
  ) === 0;

const mixIn = (mean: Float32Array, values: ArrayLike<number>, count: number): void => {
  const weight = 1 / count;
  for (let at = 0; at < mean.length; at++)
    mean[at] = mean[at]! + weight * (values[at]! - mean[at]!);
};

export const meanOf = (values: Float32Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
