// Nearest-neighbour search behind a port: matrix products, as everything that an engine does.

/** `count` rows for each query, nearest first. */
export interface NearestRows {
  /** (query, count): squared Euclidean distances; rounding may leave them slightly below 0. */
  readonly squares: Float32Array;
  /** (query, count): which rows of the gallery. */
  readonly rows: Int32Array;
}

export interface NearestNeighbours {
  /**
   * @param queries (query, channel)
   * @param gallery (row, channel), at least `count` rows
   */
  nearestRows(
    queries: Float32Array,
    gallery: Float32Array,
    dimensions: number,
    count: number,
  ): Promise<NearestRows>;
  /**
   * Lowers `best`, in place, to the squared distance of each query to the nearest gallery row of its group,
   * wherever that is less. Exact but for rounding.
   *
   * @param best (group, query); Infinity where nothing was compared yet
   * @param queries (group, query, channel)
   * @param gallery (group, row, channel)
   */
  lower(
    best: Float32Array,
    queries: Float32Array,
    gallery: Float32Array,
    sizes: { readonly groupCount: number; readonly dimensions: number },
  ): Promise<void>;
  close(): Promise<void>;
}
