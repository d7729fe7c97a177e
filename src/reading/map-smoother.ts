// Causal smoothing of anomaly maps over time: what is unusual lasts, noise does not. Only the past counts,
// so that an alert needs no frame from the future.

export interface MapSmootherOptions {
  /** Weight of the newest map, 0 < weight ≤ 1; 1 switches smoothing off. */
  readonly weight: number;
  readonly cellCount: number;
}

export class MapSmoother {
  readonly #weight: number;
  readonly #average: Float32Array;
  #isFresh = true;

  constructor(options: MapSmootherOptions) {
    this.#weight = options.weight;
    this.#average = new Float32Array(options.cellCount);
  }

  /** The average so far, a view; undefined before the first map. */
  get average(): Float32Array | undefined {
    return this.#isFresh ? undefined : this.#average;
  }

  /** Goes on from another's average, of as many cells. */
  resume(average: Float32Array): void {
    this.#average.set(average);
    this.#isFresh = false;
  }

  /** Forgets the past: after a gap, or when the scene changes. */
  reset(): void {
    this.#isFresh = true;
  }

  /** average ← (1 − w) · average + w · map. Maps come in time order. Returns the average, valid until the next call. */
  smooth(map: Float32Array): Float32Array {
    const average = this.#average;
    if (this.#isFresh) {
      average.set(map);
      this.#isFresh = false;
      return average;
    }
    const weight = this.#weight;
    for (let cell = 0; cell < average.length; cell++) {
      const past = average[cell] ?? 0;
      const now = map[cell] ?? 0;
      // One frame without a number must not blind the cell for ever.
      average[cell] = Number.isFinite(past) ? past + weight * (now - past) : now;
    }
    return average;
  }
}
