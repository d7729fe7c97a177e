// Nearest neighbours by plain loops, for tests: exact, slow, and it counts how many pairs it was asked to compare.
import type { NearestNeighbours, NearestRows } from '../../src/core/ports/nearest-neighbours.ts';

const square = (
  a: Float32Array,
  from: number,
  b: Float32Array,
  start: number,
  dimensions: number,
): number => {
  let sum = 0;
  for (let channel = 0; channel < dimensions; channel++) {
    sum += (a[from + channel]! - b[start + channel]!) ** 2;
  }
  return sum;
};

export class PlainNeighbours implements NearestNeighbours {
  /** Pairs of rows compared by `lower`. */
  comparedPairs = 0;

  nearestRows(
    queries: Float32Array,
    gallery: Float32Array,
    dimensions: number,
    count: number,
  ): Promise<NearestRows> {
    const queryCount = queries.length / dimensions;
    const squares = new Float32Array(queryCount * count);
    const rows = new Int32Array(queryCount * count);
    for (let query = 0; query < queryCount; query++) {
      const ranked = Array.from({ length: gallery.length / dimensions }, (_, row) => ({
        row,
        square: square(queries, query * dimensions, gallery, row * dimensions, dimensions),
      })).sort((a, b) => a.square - b.square);
      for (const [index, near] of ranked.slice(0, count).entries()) {
        squares[query * count + index] = near.square;
        rows[query * count + index] = near.row;
      }
    }
    return Promise.resolve({ squares, rows });
  }

  lower(
    best: Float32Array,
    queries: Float32Array,
    gallery: Float32Array,
    { groupCount, dimensions }: { readonly groupCount: number; readonly dimensions: number },
  ): Promise<void> {
    const queryCount = best.length / groupCount;
    const rowCount = gallery.length / dimensions / groupCount;
    this.comparedPairs += best.length * rowCount;
    for (let query = 0; query < best.length; query++) {
      const group = Math.floor(query / queryCount) * rowCount;
      for (let row = group; row < group + rowCount; row++) {
        const distance = square(queries, query * dimensions, gallery, row * dimensions, dimensions);
        best[query] = Math.min(best[query]!, distance);
      }
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
