// SPADE's pixel score: how far every patch of a frame is from the nearest patch, anywhere, of a few other frames.
// All with all would be 4096 × 204,800 distances a frame. But the distance of the coarse stages alone is a lower
// bound for all patches of two cells; it is cheap, and rules most pairs of cells out. The result is the same.
import type { NearestNeighbours } from '../core/ports/nearest-neighbours.ts';
import type { FrameLayout } from './frame-layout.ts';

/** Gallery cells compared with a cell in full, likeliest first: at most, and at a time. */
const CANDIDATES_MAX = 1024;
const CANDIDATES_STEP = 64;
/** A round that settles fewer of its cells leaves the rest to the next finer raster, which bounds better. */
const SETTLED_SHARE = 0.25;
/** Values of gallery patches gathered at a time: 16 MB. */
const GATHERED_VALUES = 2 ** 22;
/** Bounds are rounded: this share of one counts. */
const BOUND_SHARE = 0.999;

/** One frame against the frames that it is searched in. */
interface Search {
  readonly query: Float32Array;
  readonly gallery: readonly Float32Array[];
  /** (patch, channel) of the query. */
  readonly patches: Float32Array;
  /** (patch): squared distance to the nearest patch so far. */
  readonly best: Float32Array;
}

export class PatchSearch {
  readonly #layout: FrameLayout;
  readonly #neighbours: NearestNeighbours;

  constructor(layout: FrameLayout, neighbours: NearestNeighbours) {
    this.#layout = layout;
    this.#neighbours = neighbours;
  }

  /**
   * @param query one frame as the layout keeps it
   * @param gallery frames to search, as the layout keeps them
   * @returns (patch): squared distance to the nearest patch
   */
  async nearest(query: Float32Array, gallery: readonly Float32Array[]): Promise<Float32Array> {
    const { grid, coarseSides } = this.#layout;
    const best = new Float32Array(grid * grid).fill(Infinity);
    const search: Search = { query, gallery, patches: this.#patchesOf(query), best };
    let open: Int32Array = Int32Array.from(best.keys());
    for (const side of coarseSides) open = await this.#searchCells(search, side, open);
    await this.#searchAll(search, open);
    return best.map((square) => Math.max(0, square));
  }

  /**
   * Compares the cells of a raster that hold open patches with the likeliest cells of the gallery.
   *
   * @returns the patches for which a nearer one may still exist
   */
  async #searchCells(search: Search, side: number, open: Int32Array): Promise<Int32Array> {
    const layout = this.#layout;
    let cells = [...new Set(open.map((patch) => layout.cellOf(side, patch)))];
    if (cells.length === 0) return open;
    const everyCell = Array.from({ length: side * side }, (_, cell) => cell);
    const rowCount = search.gallery.length * side * side;
    const count = Math.min(CANDIDATES_MAX, rowCount);
    const bounds = await this.#neighbours.nearestRows(
      this.#coarseOf([search.query], side, cells),
      this.#coarseOf(search.gallery, side, everyCell),
      layout.coarseDimensions(side),
      count,
    );
    const placeOf = new Map(cells.map((cell, index) => [cell, index * count]));
    /** Every gallery cell after the first `end` candidates is at least this far. */
    const boundAfter = (cell: number, end: number): number =>
      end === rowCount ? Infinity : bounds.squares[placeOf.get(cell)! + end - 1]! * BOUND_SHARE;
    const isOpen = (patch: number, cell: number, end: number): boolean =>
      search.best[patch]! > boundAfter(cell, end);
    const cellValues = (layout.grid / side) ** 2 * layout.dimensions;
    const groupCells = Math.ceil(GATHERED_VALUES / (CANDIDATES_STEP * cellValues));
    // No finer raster takes over what the finest leaves.
    const share = side === layout.coarseSides.at(-1) ? 0 : SETTLED_SHARE;
    let end = 0;
    let wasOpen = Infinity;
    while (end < count && cells.length > 0 && cells.length <= wasOpen * (1 - share)) {
      wasOpen = cells.length;
      const start = end;
      end = Math.min(count, start + CANDIDATES_STEP);
      for (let first = 0; first < cells.length; first += groupCells) {
        const group = cells.slice(first, first + groupCells);
        const rows = group.map((cell) => {
          const place = placeOf.get(cell)!;
          return bounds.rows.subarray(place + start, place + end);
        });
        await this.#compare(search, side, group, rows);
      }
      cells = cells.filter((cell) =>
        layout.patchesOf(side, cell).some((patch) => isOpen(patch, cell, end)),
      );
    }
    return open.filter((patch) => isOpen(patch, layout.cellOf(side, patch), end));
  }

  /** Each cell's patches with those of its own rows of the gallery, as many for each. */
  async #compare(
    { gallery, patches, best }: Search,
    side: number,
    cells: readonly number[],
    rows: readonly Int32Array[],
  ): Promise<void> {
    const layout = this.#layout;
    const { dimensions } = layout;
    const patchCount = (layout.grid / side) ** 2;
    const places = cells.flatMap((cell) => [...layout.patchesOf(side, cell)]);
    const rowPatches = new Float32Array(cells.length * rows[0]!.length * patchCount * dimensions);
    let to = 0;
    for (const row of rows.flatMap((list) => [...list])) {
      const frame = gallery[Math.floor(row / (side * side))]!;
      layout.readPatches(frame, side, row % (side * side), rowPatches, to);
      to += patchCount * dimensions;
    }
    await this.#lower({ patches, best }, Int32Array.from(places), rowPatches, cells.length);
  }

  /** Compares patches with all patches of the gallery. */
  async #searchAll({ gallery, patches, best }: Search, open: Int32Array): Promise<void> {
    if (open.length === 0) return;
    for (const frame of gallery) {
      await this.#lower({ patches, best }, open, this.#patchesOf(frame), 1);
    }
  }

  async #lower(
    { patches, best }: Pick<Search, 'patches' | 'best'>,
    places: Int32Array,
    rows: Float32Array,
    groupCount: number,
  ): Promise<void> {
    const { dimensions } = this.#layout;
    const queries = new Float32Array(places.length * dimensions);
    places.forEach((place, index) => {
      queries.set(
        patches.subarray(place * dimensions, (place + 1) * dimensions),
        index * dimensions,
      );
    });
    const lowered = Float32Array.from(places, (place) => best[place]!);
    await this.#neighbours.lower(lowered, queries, rows, { groupCount, dimensions });
    places.forEach((place, index) => {
      best[place] = lowered[index]!;
    });
  }

  #patchesOf(frame: Float32Array): Float32Array {
    const { grid, dimensions } = this.#layout;
    const patches = new Float32Array(grid * grid * dimensions);
    for (let patch = 0; patch < grid * grid; patch++) {
      this.#layout.readPatches(frame, grid, patch, patches, patch * dimensions);
    }
    return patches;
  }

  /** (frame, cell, channel) */
  #coarseOf(frames: readonly Float32Array[], side: number, cells: readonly number[]): Float32Array {
    const dimensions = this.#layout.coarseDimensions(side);
    const coarse = new Float32Array(frames.length * cells.length * dimensions);
    let to = 0;
    for (const frame of frames) {
      for (const cell of cells) {
        this.#layout.readCoarse(frame, side, cell, coarse, to);
        to += dimensions;
      }
    }
    return coarse;
  }
}
