// Distance to the nearest of a position's states, and maps of it smoothed over neighbouring cells.
import { gaussianMatrix } from '../padim/maths/map-operator.ts';

/** Of distances, in cells. */
const SMOOTHING_SIGMA = 0.7;

/**
 * @param whitened (channel) at `at`
 * @param states of one position: `count` of them, `stride` numbers apart, the first at `first`
 * @returns the square of the Euclidean distance to the nearest
 */
export const nearestSquare = (
  whitened: Float32Array,
  at: number,
  states: Float32Array,
  { first, stride, count, dimensions: d }: StatesAt,
): number => {
  let nearest = Infinity;
  for (let state = 0; state < count; state++) {
    const from = first + state * stride;
    let sum = 0;
    for (let channel = 0; channel < d; channel++) {
      const difference = whitened[at + channel]! - states[from + channel]!;
      sum += difference * difference;
    }
    if (sum < nearest) nearest = sum;
  }
  return nearest;
};

export interface StatesAt {
  first: number;
  readonly stride: number;
  readonly count: number;
  readonly dimensions: number;
}

/** A Gaussian filter over a square map. */
export class MapFilter {
  readonly #side: number;
  /** (row, column): weights, most of them zero. */
  readonly #matrix: Float64Array;
  /** First and last column of each row that is not zero. */
  readonly #spans: readonly (readonly [number, number])[];
  readonly #between: Float64Array;

  /** @param sigma in cells */
  constructor(side: number, sigma = SMOOTHING_SIGMA) {
    this.#side = side;
    this.#matrix = gaussianMatrix(side, sigma);
    this.#between = new Float64Array(side * side);
    this.#spans = Array.from({ length: side }, (_, row) => {
      const weights = this.#matrix.subarray(row * side, (row + 1) * side);
      return [
        weights.findIndex((weight) => weight > 0),
        weights.findLastIndex((weight) => weight > 0),
      ];
    });
  }

  get sizeBytes(): number {
    return this.#matrix.byteLength + this.#between.byteLength;
  }

  /** Filters (row, column) in place. */
  apply(map: Float32Array | Float64Array): void {
    const side = this.#side;
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++)
        this.#between[column * side + row] = this.#weighted(map, row * side, column);
    }
    // Rows and columns have changed places; once more, and they are back.
    for (let column = 0; column < side; column++) {
      for (let row = 0; row < side; row++)
        map[row * side + column] = this.#weighted(this.#between, column * side, row);
    }
  }

  #weighted(line: Float32Array | Float64Array, from: number, row: number): number {
    const [first, last] = this.#spans[row]!;
    const weights = row * this.#side;
    let sum = 0;
    for (let index = first; index <= last; index++)
      sum += this.#matrix[weights + index]! * line[from + index]!;
    return sum;
  }
}
