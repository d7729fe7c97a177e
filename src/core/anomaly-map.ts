// Anomaly maps: how unusual each cell of the picture is, in units of Mahalanobis distance.

/** Row-major (row, column) float32 cells, `side` × `side`, covering the whole frame. */
export interface AnomalyMap {
  readonly side: number;
  readonly values: Float32Array;
}

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
