// A small picture with its light taken out: each cell against the mean of its surroundings, in units of how much they
// vary. What registration compares, so that dimmer light or a cloud does not look like a shift.

const RADIUS = 4;
/** Grey levels: surroundings that vary less are noise. */
const LEAST_SPREAD = 4;
/** In spreads: a lamp must not outweigh the rest. */
const MOST = 3;

export class EvenPicture {
  readonly side: number;
  readonly values: Float32Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(side: number) {
    this.side = side;
    this.values = new Float32Array(side * side);
    this.#sums = new Float64Array((side + 1) * (side + 1));
    this.#squares = new Float64Array((side + 1) * (side + 1));
  }

  /** @param luma (row, column) of the same side */
  see(luma: Float32Array): void {
    const { side, values } = this;
    this.#integrate(luma);
    for (let y = 0; y < side; y++) {
      const top = Math.max(0, y - RADIUS) * (side + 1);
      const bottom = Math.min(side, y + RADIUS + 1) * (side + 1);
      for (let x = 0; x < side; x++) {
        const left = Math.max(0, x - RADIUS);
        const right = Math.min(side, x + RADIUS + 1);
        const count = ((bottom - top) / (side + 1)) * (right - left);
        const mean = boxSum(this.#sums, top, bottom, left, right) / count;
        const square = boxSum(this.#squares, top, bottom, left, right) / count;
        const spread = Math.sqrt(Math.max(0, square - mean * mean) + LEAST_SPREAD ** 2);
        const value = (luma[y * side + x]! - mean) / spread;
        values[y * side + x] = Math.max(-MOST, Math.min(MOST, value));
      }
    }
  }

  #integrate(luma: Float32Array): void {
    const { side } = this;
    for (let y = 0; y < side; y++) {
      let sum = 0;
      let square = 0;
      for (let x = 0; x < side; x++) {
        const value = luma[y * side + x]!;
        sum += value;
        square += value * value;
        const at = (y + 1) * (side + 1) + x + 1;
        this.#sums[at] = this.#sums[at - side - 1]! + sum;
        this.#squares[at] = this.#squares[at - side - 1]! + square;
      }
    }
  }
}

const boxSum = (
  sums: Float64Array,
  top: number,
  bottom: number,
  left: number,
  right: number,
): number => sums[bottom + right]! - sums[bottom + left]! - sums[top + right]! + sums[top + left]!;
