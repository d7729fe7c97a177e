// Causal smoothing of anomaly maps over time: what is unusual lasts, noise does not. Only the past counts,
// so that an alert needs no frame from the future. A cell counts in full as far as something near it was as unusual in the
// frame before, and half where nothing was: a snowflake, a raindrop or a broken block is elsewhere in each, what moves
// through the scene is not far.

export interface MapSmootherOptions {
  /** Weight of the newest map, 0 < weight ≤ 1; 1 switches smoothing off. */
  readonly weight: number;
  /** Of square maps. */
  readonly cellCount: number;
}

/** How far something may have come since the frame before, as a fraction of the picture's side. */
const REACH = 1 / 16;
/** What counts of a value that nothing in the frame before bears out: something fast must not get lost. */
const SEEN_ONCE = 0.5;

export class MapSmoother {
  readonly #weight: number;
  readonly #average: Float32Array;
  readonly #side: number;
  readonly #reach: number;
  /** Largest values around each cell of the map before, and along its rows. */
  readonly #around: Float32Array;
  readonly #along: Float32Array;
  #isFresh = true;

  constructor(options: MapSmootherOptions) {
    this.#weight = options.weight;
    this.#average = new Float32Array(options.cellCount);
    this.#side = Math.round(Math.sqrt(options.cellCount));
    this.#reach = Math.round(this.#side * REACH);
    const kept = options.weight < 1 ? options.cellCount : 0;
    this.#around = new Float32Array(kept);
    this.#along = new Float32Array(kept);
  }

  /** The average so far, a view; undefined before the first map. */
  get average(): Float32Array | undefined {
    return this.#isFresh ? undefined : this.#average;
  }

  /** Goes on from another's average, of as many cells. */
  resume(average: Float32Array): void {
    this.#average.set(average);
    // The map before is not known any more; its average stands for it.
    if (this.#weight < 1) this.#look(average);
    this.#isFresh = false;
  }

  /** Forgets the past: after a gap, or when the scene changes. */
  reset(): void {
    this.#isFresh = true;
  }

  /**
   * average ← (1 − w) · average + w · max(map / 2, min(map, largest nearby of the map before)). Maps come in time order. Returns the
   * average, valid until the next call.
   */
  smooth(map: Float32Array): Float32Array {
    const average = this.#average;
    const weight = this.#weight;
    if (this.#isFresh || weight === 1) {
      average.set(map);
      this.#isFresh = false;
      if (weight < 1) this.#look(map);
      return average;
    }
    for (let cell = 0; cell < average.length; cell++) {
      const past = average[cell] ?? 0;
      const seen = map[cell] ?? 0;
      const now = Math.max(SEEN_ONCE * seen, Math.min(seen, this.#around[cell] ?? Infinity));
      // One frame without a number must not blind the cell for ever.
      average[cell] = Number.isFinite(past) ? past + weight * (now - past) : now;
    }
    this.#look(map);
    return average;
  }

  /** The largest values around each cell: along rows, then along columns. */
  #look(map: Float32Array): void {
    this.#largest(map, this.#along, 1, this.#side);
    this.#largest(this.#along, this.#around, this.#side, 1);
  }

  /** Along lines of cells `step` apart, which begin `next` apart. What is no number counts as unusual. */
  #largest(from: Float32Array, to: Float32Array, step: number, next: number): void {
    const side = this.#side;
    for (let line = 0; line < side; line++) {
      for (let place = 0; place < side; place++) {
        const last = Math.min(side - 1, place + this.#reach);
        let largest = 0;
        for (let k = Math.max(0, place - this.#reach); k <= last; k++) {
          const value = from[line * next + k * step]!;
          if (!(value <= largest)) largest = Number.isNaN(value) ? Infinity : value;
        }
        to[line * next + place * step] = largest;
      }
    }
  }
}
