// Finds the largest number of cameras that a machine carries, by trying: begins with a guess, grows by half until one
// number fails, then halves the gap between the largest that was carried and the smallest that was not.

export interface CapacitySearchOptions {
  /** The guess. */
  readonly first: number;
  /** Never tried beyond. */
  readonly most: number;
  /** Ends the search however wide the gap still is. */
  readonly maxTries: number;
}

/** The gap that is good enough, as a share of what is carried: measurements repeat no better. */
const TOLERANCE = 0.1;
const GROWTH = 1.5;

export class CapacitySearch {
  readonly #options: CapacitySearchOptions;
  #carried = 0;
  #refused: number | undefined;
  #tryCount = 0;

  constructor(options: CapacitySearchOptions) {
    this.#options = options;
  }

  /** The largest number that was carried, below every one that was not. */
  get carried(): number {
    return this.#carried;
  }

  /** The smallest number that was not carried. */
  get refused(): number | undefined {
    return this.#refused;
  }

  /** What to try now; undefined when the answer is found. */
  get next(): number | undefined {
    const { first, most, maxTries } = this.#options;
    const carried = this.#carried;
    if (this.#tryCount >= maxTries) return undefined;
    if (this.#refused === undefined) {
      const grown = Math.min(
        most,
        carried < first ? first : Math.max(carried + 1, Math.floor(carried * GROWTH)),
      );
      return grown > carried ? grown : undefined;
    }
    const gap = this.#refused - carried;
    if (gap <= Math.max(1, TOLERANCE * carried)) return undefined;
    return carried + Math.floor(gap / 2);
  }

  record(cameras: number, isCarried: boolean): void {
    this.#tryCount += 1;
    if (isCarried) this.#carried = Math.max(this.#carried, cameras);
    else this.#refused = Math.min(this.#refused ?? Infinity, cameras);
  }
}
