// Area under a rising curve that is known at some points only, with a bound on what the points hide.

export class CurveArea {
  readonly #maxX: number;
  #x = 0;
  #y = 0;
  #area = 0;
  #error = 0;

  /** The area is taken from x = 0 to `maxX`. */
  constructor(maxX: number) {
    this.#maxX = maxX;
  }

  /**
   * The next point, by its distance from the last; neither distance is negative. Between the two the curve
   * is taken as straight; unless it is known to be, it can run anywhere in the rectangle that they span.
   */
  advance(dx: number, dy: number, isStraight: boolean): void {
    const left = this.#maxX - this.#x;
    if (left <= 0) return;
    const width = Math.min(dx, left);
    const height = dx <= left ? dy : (dy * left) / dx;
    this.#area += width * (this.#y + height / 2);
    // Cut off, the curve may have risen by all of dy within the width, or by nothing.
    if (!isStraight) this.#error += width * Math.max(height / 2, dy - height / 2);
    this.#x += dx;
    this.#y += dy;
  }

  /** Area divided by `maxX`: 1 for a curve that is 1 throughout. */
  get mean(): number {
    return this.#area / this.#maxX;
  }

  /** How far the mean of the true curve can be from it. */
  get maxError(): number {
    return this.#error / this.#maxX;
  }
}
