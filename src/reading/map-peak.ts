// What a map says in short: its highest cell (the frame's score) and the area around it that is unusual too.
import type { Point, Region } from '../core/place.ts';

export interface MapPeak {
  /** Largest value of an unmasked cell; −Infinity when all are masked. */
  readonly score: number;
  /** Row-major index of that cell; −1 when all are masked. */
  readonly cell: number;
}

export const peakOf = (map: Float32Array, isIgnored: Uint8Array | undefined): MapPeak => {
  let score = -Infinity;
  let cell = -1;
  for (let index = 0; index < map.length; index++) {
    const value = map[index] ?? -Infinity;
    if (value > score && isIgnored?.[index] !== 1) {
      score = value;
      cell = index;
    }
  }
  return { score, cell };
};

/** Centre of a cell in fractions of the frame. */
export const cellCentre = (cell: number, side: number): Point => ({
  x: ((cell % side) + 0.5) / side,
  y: (Math.floor(cell / side) + 0.5) / side,
});

/**
 * Bounding box, in fractions of the frame, of the cells that reach `level` and touch the peak through
 * others that do (8 neighbours). At least the peak's own cell.
 */
export const regionAround = (
  map: Float32Array,
  side: number,
  peakCell: number,
  level: number,
  isIgnored: Uint8Array | undefined,
): Region => {
  const seen = new Uint8Array(map.length);
  const waiting = [peakCell];
  seen[peakCell] = 1;
  let left = side;
  let right = 0;
  let top = side;
  let bottom = 0;
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    const row = Math.floor(cell / side);
    const column = cell % side;
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
        const next = y * side + x;
        if (seen[next] === 1 || isIgnored?.[next] === 1 || !((map[next] ?? 0) >= level)) continue;
        seen[next] = 1;
        waiting.push(next);
      }
    }
  }
  return {
    x: left / side,
    y: top / side,
    width: (right - left + 1) / side,
    height: (bottom - top + 1) / side,
  };
};
