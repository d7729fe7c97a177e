// How far a picture is moved against a reference: robust Gauss–Newton (Lucas & Kanade 1981, over the whole picture) at
// the places that have structure. Light may have changed: gain and offset are found along. What does not belong to the
// scene, such as who walks by, is told by its residual and hardly counts (Cauchy's weights).
import { solveSymmetric } from './solve-symmetric.ts';

/** Places that are compared, at most: those with the steepest reference. */
const MOST_PLACES = 2_048;
/** Grey levels a cell below which a slope is noise. */
const LEAST_SLOPE = 2;
/** Fewer places say nothing. */
const FEWEST_PLACES = 48;
/** Residuals are counted in steps of so many grey levels, up to 255. */
const RESIDUAL_STEP = 0.5;
const RESIDUAL_STEPS = 512;
/** Grey levels: no picture lies closer to its mean. */
const LEAST_SCALE = 1;
/** A normal distribution's deviation in medians of its absolute residual. */
const DEVIATION_OF_MEDIAN = 1.4826;
/** Unknowns of a step: shift in x and y, gain, offset. */
const UNKNOWNS = 4;

export interface Alignment {
  /** What lies at (x, y) of the reference lies at (x + dx, y + dy) of the picture; cells. */
  dx: number;
  dy: number;
  /** Picture = gain · reference + offset. */
  gain: number;
  offset: number;
}

export class TranslationFinder {
  readonly #side: number;
  readonly #furthest: number;
  /** Of the places: index, reference and its slopes. */
  readonly #places: Int32Array;
  readonly #levels: Float32Array;
  readonly #slopesX: Float32Array;
  readonly #slopesY: Float32Array;
  readonly #residuals: Float32Array;
  /** Median of how far the levels lie from their mean. */
  readonly #contrast: number;
  readonly #counts = new Uint32Array(RESIDUAL_STEPS);
  readonly #matrix = new Float64Array(UNKNOWNS * UNKNOWNS);
  readonly #right = new Float64Array(UNKNOWNS);

  /**
   * @param reference (row, column), side × side
   * @param furthest cells that a picture may be moved by
   * @param thinning of so many places one is compared
   */
  constructor(reference: Float32Array, side: number, furthest: number, thinning = 1) {
    this.#side = side;
    this.#furthest = furthest;
    const places = steepest(reference, side, Math.ceil(furthest) + 1);
    this.#places = places.filter((_, index) => index % thinning === 0);
    this.#levels = Float32Array.from(this.#places, (at) => reference[at]!);
    this.#slopesX = Float32Array.from(this.#places, (at) => slope(reference, at, 1));
    this.#slopesY = Float32Array.from(this.#places, (at) => slope(reference, at, side));
    this.#residuals = new Float32Array(this.#places.length);
    const mean = this.#levels.reduce((sum, level) => sum + level, 0) / this.#levels.length;
    const apart = this.#levels.map((level) => Math.abs(level - mean)).sort();
    this.#contrast = apart[apart.length >> 1] ?? 0;
  }

  /** Indices of the cells that are compared. */
  get places(): Int32Array {
    return this.#places;
  }

  /** False where the reference has too little structure to tell. */
  get canTell(): boolean {
    return this.#places.length >= FEWEST_PLACES;
  }

  /** What a residual would be if picture and reference had nothing in common, grey levels. */
  unlike({ gain }: Alignment): number {
    return gain * this.#contrast;
  }

  get sizeBytes(): number {
    return 5 * this.#places.byteLength;
  }

  /** Goes on from `at`, which it changes. False where it went astray. */
  align(picture: Float32Array, at: Alignment, steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      const scale = this.residual(picture, at) * DEVIATION_OF_MEDIAN;
      this.#sumUp(Math.max(LEAST_SCALE, scale), 0);
      if (!solveSymmetric(this.#matrix, this.#right, UNKNOWNS)) return false;
      const [x = 0, y = 0, gain = 0, offset = 0] = this.#right;
      at.dx += x / at.gain;
      at.dy += y / at.gain;
      at.gain += gain;
      at.offset += offset;
      if (Math.hypot(at.dx, at.dy) > this.#furthest || at.gain < 0.1) return false;
    }
    return true;
  }

  /** Gain and offset alone, where the picture is not moved. */
  evenLight(picture: Float32Array, at: Alignment, steps: number): void {
    for (let step = 0; step < steps; step++) {
      const scale = this.residual(picture, at) * DEVIATION_OF_MEDIAN;
      this.#sumUp(Math.max(LEAST_SCALE, scale), 1e12);
      if (!solveSymmetric(this.#matrix, this.#right, UNKNOWNS)) return;
      at.gain += this.#right[2]!;
      at.offset += this.#right[3]!;
    }
  }

  /** Median of how far the picture lies from the reference at the places, grey levels. */
  residual(picture: Float32Array, { dx, dy, gain, offset }: Alignment): number {
    const side = this.#side;
    const left = Math.floor(dx);
    const top = Math.floor(dy);
    const fx = dx - left;
    const fy = dy - top;
    const shift = top * side + left;
    const counts = this.#counts.fill(0);
    const residuals = this.#residuals;
    for (let place = 0; place < residuals.length; place++) {
      const at = this.#places[place]! + shift;
      const upper = picture[at]! + fx * (picture[at + 1]! - picture[at]!);
      const lower = picture[at + side]! + fx * (picture[at + side + 1]! - picture[at + side]!);
      const residual = upper + fy * (lower - upper) - gain * this.#levels[place]! - offset;
      residuals[place] = residual;
      const bin = Math.floor(Math.abs(residual) / RESIDUAL_STEP);
      counts[Math.min(RESIDUAL_STEPS - 1, bin)]! += 1;
    }
    return medianOf(counts, residuals.length / 2) * RESIDUAL_STEP;
  }

  /** The normal equations of one step. The picture's slopes are the reference's, but for the gain. */
  #sumUp(scale: number, shiftPenalty: number): void {
    const m = this.#matrix.fill(0);
    const right = this.#right.fill(0);
    for (let place = 0; place < this.#residuals.length; place++) {
      const residual = this.#residuals[place]!;
      const weight = 1 / (1 + (residual / scale) ** 2);
      const x = -this.#slopesX[place]!;
      const y = -this.#slopesY[place]!;
      const level = this.#levels[place]!;
      // residual(p + δ) ≈ residual − [x y level 1]·δ, with shifts in units of the gain.
      m[0]! += weight * x * x;
      m[1]! += weight * x * y;
      m[2]! += weight * x * level;
      m[3]! += weight * x;
      m[5]! += weight * y * y;
      m[6]! += weight * y * level;
      m[7]! += weight * y;
      m[10]! += weight * level * level;
      m[11]! += weight * level;
      m[15]! += weight;
      right[0]! += weight * x * residual;
      right[1]! += weight * y * residual;
      right[2]! += weight * level * residual;
      right[3]! += weight * residual;
    }
    m[0]! += shiftPenalty;
    m[5]! += shiftPenalty;
    for (let row = 1; row < UNKNOWNS; row++) {
      for (let column = 0; column < row; column++) {
        m[row * UNKNOWNS + column] = m[column * UNKNOWNS + row]!;
      }
    }
  }
}

const slope = (picture: Float32Array, at: number, step: number): number =>
  (picture[at + step]! - picture[at - step]!) / 2;

/** Indices of the cells with the steepest slopes, in order, `margin` cells from the border left out. */
const steepest = (picture: Float32Array, side: number, margin: number): Int32Array => {
  const found: { readonly at: number; readonly steep: number }[] = [];
  for (let row = margin; row < side - margin; row++) {
    for (let column = margin; column < side - margin; column++) {
      const at = row * side + column;
      const steep = Math.hypot(slope(picture, at, 1), slope(picture, at, side));
      if (steep >= LEAST_SLOPE) found.push({ at, steep });
    }
  }
  const kept = found.sort((a, b) => b.steep - a.steep).slice(0, MOST_PLACES);
  return Int32Array.from(kept, ({ at }) => at).sort();
};

/** Where half of what was counted lies below, in bins. */
const medianOf = (counts: Uint32Array, half: number): number => {
  let below = 0;
  let bin = 0;
  while (bin < counts.length - 1 && below + counts[bin]! < half) {
    below += counts[bin]!;
    bin += 1;
  }
  return bin + Math.max(0, half - below) / Math.max(1, counts[bin]!);
};
