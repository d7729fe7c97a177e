// Places in the picture.

/** A rectangle in fractions of the frame, 0..1, origin top left. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point in fractions of the frame, 0..1, origin top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
