// The slow states of one position: centres of its whitened slow pictures, by k-means from a farthest-point start.

/** One adds shadows and noise to what is normal; eight gain nothing over four. */
export const STATE_COUNT = 4;
const ROUNDS = 4;

export class StateFinder {
  readonly #dimensions: number;
  /** (state, channel). */
  readonly #sums: Float64Array;
  readonly #counts = new Float64Array(STATE_COUNT);
  /** (channel). Of one kind with the points, so that the inner loop is compiled for one kind of array. */
  readonly #mean: Float32Array;
  #nearest = new Float64Array(0);

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#sums = new Float64Array(STATE_COUNT * dimensions);
    this.#mean = new Float32Array(dimensions);
  }

  /**
   * @param points (point, channel) whitened, one position's
   * @param taught indices of the points that count, at least one
   * @param states (state, channel): STATE_COUNT are written; fewer points than states leave some twice
   */
  find(points: Float32Array, taught: readonly number[], states: Float32Array): void {
    this.#spread(points, taught, states);
    if (taught.length <= STATE_COUNT) return;
    for (let round = 0; round < ROUNDS; round++) this.#centre(points, taught, states);
  }

  /** Begins with the point next to the mean; each next is the one farthest from those taken. */
  #spread(points: Float32Array, taught: readonly number[], states: Float32Array): void {
    const d = this.#dimensions;
    if (this.#nearest.length < taught.length) this.#nearest = new Float64Array(taught.length);
    this.#average(points, taught);
    let chosen = 0;
    let least = Infinity;
    for (let index = 0; index < taught.length; index++) {
      const square = squareTo(points, taught[index]! * d, this.#mean, 0, d);
      this.#nearest[index] = Infinity;
      if (square < least) [chosen, least] = [index, square];
    }
    for (let state = 0; state < STATE_COUNT; state++) {
      const from = taught[chosen]! * d;
      states.set(points.subarray(from, from + d), state * d);
      let most = -1;
      for (let index = 0; index < taught.length; index++) {
        const square = squareTo(points, taught[index]! * d, states, state * d, d);
        if (square < this.#nearest[index]!) this.#nearest[index] = square;
        if (this.#nearest[index]! > most) [chosen, most] = [index, this.#nearest[index]!];
      }
    }
  }

  #average(points: Float32Array, taught: readonly number[]): void {
    const d = this.#dimensions;
    this.#mean.fill(0);
    for (const point of taught) {
      for (let channel = 0; channel < d; channel++)
        this.#mean[channel]! += points[point * d + channel]! / taught.length;
    }
  }

  #centre(points: Float32Array, taught: readonly number[], states: Float32Array): void {
    const d = this.#dimensions;
    this.#sums.fill(0);
    this.#counts.fill(0);
    for (const point of taught) {
      let nearest = 0;
      let least = Infinity;
      for (let state = 0; state < STATE_COUNT; state++) {
        const square = squareTo(points, point * d, states, state * d, d);
        if (square < least) [nearest, least] = [state, square];
      }
      this.#counts[nearest]!++;
      for (let channel = 0; channel < d; channel++)
        this.#sums[nearest * d + channel]! += points[point * d + channel]!;
    }
    for (let state = 0; state < STATE_COUNT; state++) {
      const count = this.#counts[state]!;
      if (count === 0) continue;
      for (let channel = 0; channel < d; channel++)
        states[state * d + channel] = this.#sums[state * d + channel]! / count;
    }
  }
}

const squareTo = (
  points: Float32Array,
  at: number,
  centres: Float32Array,
  from: number,
  d: number,
): number => {
  // Two sums: an addition need not wait for the one before it.
  let even = 0;
  let odd = 0;
  let channel = 0;
  for (; channel + 1 < d; channel += 2) {
    const first = points[at + channel]! - centres[from + channel]!;
    const second = points[at + channel + 1]! - centres[from + channel + 1]!;
    even += first * first;
    odd += second * second;
  }
  if (channel < d) even += (points[at + channel]! - centres[from + channel]!) ** 2;
  return even + odd;
};
