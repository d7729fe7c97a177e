// Finds by which shift, turn and zoom the learnt picture becomes the one seen: Gauss–Newton on the small even pictures,
// coarse to fine, each cell weighted down as far as it disagrees, so that what moves in the scene does not pull.
// Baker and Matthews, "Lucas–Kanade 20 years on" (2004), inverse form; weights of Geman and McClure.
import { FRAME_SIDE } from '../core/frame.ts';

/** About the picture's middle, in pixels of the frame: seen(x) = (1 + zoom) x − turn y + shiftX, and so on. */
export interface Placement {
  shiftX: number;
  shiftY: number;
  /** Of the angle's sine and of the scale: both small. */
  turn: number;
  zoom: number;
}

/** Root mean square of the distance from the middle over a square picture, in pixels. */
const MEAN_RADIUS = FRAME_SIDE / Math.sqrt(6);

/** How far the picture's points lie from where they were learnt, root mean square, pixels. */
export const displacementOf = ({ shiftX, shiftY, turn, zoom }: Placement): number =>
  Math.hypot(shiftX, shiftY, turn * MEAN_RADIUS, zoom * MEAN_RADIUS);

const PARAMETERS = 4;
const STEPS = 16;
/** Cells of a level: a smaller step changes nothing. */
const SMALL_STEP = 0.03;
/** A lens that turned or zoomed by more than this shows another view. */
const MOST_TURN = 0.2;

/** One level: the learnt picture, and what a change of each parameter does to it. */
export class RegistrationLevel {
  readonly #side: number;
  readonly #learnt: Float32Array;
  /** (cell, parameter) */
  readonly #slopes: Float32Array;
  readonly #hessian = new Float64Array(PARAMETERS * PARAMETERS);
  readonly #gradient = new Float64Array(PARAMETERS);
  #spread = 1;

  constructor(learnt: Float32Array, side: number) {
    this.#side = side;
    this.#learnt = learnt;
    this.#slopes = new Float32Array(learnt.length * PARAMETERS);
    for (let y = 1; y < side - 1; y++) {
      for (let x = 1; x < side - 1; x++) {
        const at = y * side + x;
        const across = (learnt[at + 1]! - learnt[at - 1]!) / 2;
        const along = (learnt[at + side]! - learnt[at - side]!) / 2;
        const right = (x + 0.5) / side - 0.5;
        const down = (y + 0.5) / side - 0.5;
        // Turn and zoom in units of the picture's side, so that all four are of one size.
        this.#slopes.set(
          [across, along, along * right - across * down, across * right + along * down],
          at * PARAMETERS,
        );
      }
    }
  }

  /** Betters `placement`, in place. @param seen (row, column) of the same side */
  better(seen: Float32Array, placement: Placement): void {
    const pixels = FRAME_SIDE / this.#side;
    this.#spread = 1;
    for (let step = 0; step < STEPS; step++) {
      this.#sum(seen, placement);
      if (!solve(this.#hessian, this.#gradient)) return;
      const [x = 0, y = 0, turn = 0, zoom = 0] = this.#gradient;
      placement.shiftX -= x * pixels;
      placement.shiftY -= y * pixels;
      placement.turn -= turn / this.#side;
      placement.zoom -= zoom / this.#side;
      if (Math.hypot(placement.turn, placement.zoom) > MOST_TURN) return;
      if (Math.hypot(x, y, turn, zoom) < SMALL_STEP) return;
    }
  }

  /** Normal equations of one step, weighted; leaves the spread of what disagrees for the next. */
  #sum(seen: Float32Array, { shiftX, shiftY, turn, zoom }: Placement): void {
    const side = this.#side;
    const learnt = this.#learnt;
    const slopes = this.#slopes;
    const hessian = this.#hessian.fill(0);
    const gradient = this.#gradient.fill(0);
    const cellX = (shiftX * side) / FRAME_SIDE;
    const cellY = (shiftY * side) / FRAME_SIDE;
    const middle = (side - 1) / 2;
    const squaredSpread = this.#spread * this.#spread;
    let disagreement = 0;
    let count = 0;
    for (let y = 1; y < side - 1; y++) {
      for (let x = 1; x < side - 1; x++) {
        const toX = middle + (1 + zoom) * (x - middle) - turn * (y - middle) + cellX;
        const toY = middle + (1 + zoom) * (y - middle) + turn * (x - middle) + cellY;
        const left = Math.floor(toX);
        const top = Math.floor(toY);
        if (left < 0 || top < 0 || left >= side - 1 || top >= side - 1) continue;
        const from = top * side + left;
        const right = toX - left;
        const upper = seen[from]! + right * (seen[from + 1]! - seen[from]!);
        const lower = seen[from + side]! + right * (seen[from + side + 1]! - seen[from + side]!);
        const at = y * side + x;
        const error = upper + (toY - top) * (lower - upper) - learnt[at]!;
        disagreement += Math.abs(error);
        count += 1;
        const ratio = squaredSpread / (squaredSpread + error * error);
        const weight = ratio * ratio;
        const first = at * PARAMETERS;
        for (let i = 0; i < PARAMETERS; i++) {
          const weighted = weight * slopes[first + i]!;
          gradient[i] = gradient[i]! + weighted * error;
          for (let j = 0; j <= i; j++) {
            const place = i * PARAMETERS + j;
            hessian[place] = hessian[place]! + weighted * slopes[first + j]!;
          }
        }
      }
    }
    this.#spread = Math.max(0.1, count > 0 ? disagreement / count : 1);
  }
}

/** Solves in place by Cholesky's factor of the lower triangle. False where the picture tells too little. */
const solve = (matrix: Float64Array, vector: Float64Array): boolean => {
  for (let i = 0; i < PARAMETERS; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * PARAMETERS + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * PARAMETERS + k]! * matrix[j * PARAMETERS + k]!;
      if (i === j && sum <= 1e-6) return false;
      matrix[i * PARAMETERS + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * PARAMETERS + j]!;
    }
  }
  for (let i = 0; i < PARAMETERS; i++) {
    for (let k = 0; k < i; k++) vector[i] = vector[i]! - matrix[i * PARAMETERS + k]! * vector[k]!;
    vector[i] = vector[i]! / matrix[i * PARAMETERS + i]!;
  }
  for (let i = PARAMETERS - 1; i >= 0; i--) {
    for (let k = i + 1; k < PARAMETERS; k++)
      vector[i] = vector[i]! - matrix[k * PARAMETERS + i]! * vector[k]!;
    vector[i] = vector[i]! / matrix[i * PARAMETERS + i]!;
  }
  return true;
};
