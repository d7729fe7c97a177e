// Regions of a mask: pixels that touch, corners included (8-connectivity). Memory is kept between masks,
// because an evaluation has thousands of the same size.

export class ConnectedComponents {
  readonly #width: number;
  readonly #height: number;
  readonly #stack: Int32Array;
  readonly #sizes: number[] = [];
  /** (row, column); 0 outside, else the region's number from 1. Overwritten by the next mask. */
  readonly regions: Int32Array;

  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    this.#width = width;
    this.#height = height;
    this.regions = new Int32Array(width * height);
    this.#stack = new Int32Array(width * height);
  }

  /**
   * @param mask (row, column), width × height, non-zero = inside
   * @returns pixels of each region, of region 1 first; overwritten by the next mask
   */
  label(mask: Uint8Array): readonly number[] {
    this.regions.fill(0);
    this.#sizes.length = 0;
    for (let start = 0; start < this.regions.length; start++) {
      if (mask[start] === 0 || this.regions[start] !== 0) continue;
      this.#sizes.push(this.#flood(mask, start, this.#sizes.length + 1));
    }
    return this.#sizes;
  }

  /** Each pixel is put on the stack once, when it gets its number. */
  #flood(mask: Uint8Array, start: number, region: number): number {
    const width = this.#width;
    let size = 0;
    let depth = 0;
    this.regions[start] = region;
    this.#stack[depth++] = start;
    while (depth > 0) {
      const pixel = this.#stack[--depth]!;
      size += 1;
      const row = Math.floor(pixel / width);
      const column = pixel - row * width;
      const lastRow = Math.min(this.#height - 1, row + 1);
      const lastColumn = Math.min(width - 1, column + 1);
      for (let y = Math.max(0, row - 1); y <= lastRow; y++) {
        for (let x = Math.max(0, column - 1); x <= lastColumn; x++) {
          const next = y * width + x;
          if (mask[next] === 0 || this.regions[next] !== 0) continue;
          this.regions[next] = region;
          this.#stack[depth++] = next;
        }
      }
    }
    return size;
  }
}
