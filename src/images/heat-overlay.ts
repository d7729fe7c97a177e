// A frame with its heat map over it, as a person wants to see it: the picture where all is normal, warm colours where
// it is not, a red border while an alert is open, and a bar for the score with a tick at the threshold.
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';

const BORDER = 4;
const BAR_HEIGHT = 6;
/** The bar's end, in thresholds. */
const BAR_RANGE = 2;
/** Share of the threshold from which a cell is coloured; fully at the threshold. */
const FAINTEST = 0.5;
const STRONGEST = 0.65;

type Colour = readonly [number, number, number];

const ALERT: Colour = [226, 40, 40];
const CALM: Colour = [70, 170, 110];
const TICK: Colour = [255, 255, 255];

export interface OverlayFrame {
  /** FRAME_BYTES, rgb24. */
  readonly pixels: Uint8Array;
  /** (row, column) of side × side cells, smoothed. */
  readonly map: Float32Array;
  readonly side: number;
  readonly score: number;
  readonly threshold: number;
  readonly isAlertOpen: boolean;
}

/** Yellow at the faintest, red at twice the threshold. */
const heatColour = (level: number): Colour => {
  const warmth = Math.min(1, Math.max(0, level - FAINTEST) / (2 - FAINTEST));
  return [255, 225 * (1 - warmth), 40 * (1 - warmth)];
};

/** Writes FRAME_BYTES of rgb24 into `out`. */
export const drawOverlay = (frame: OverlayFrame, out: Uint8Array): void => {
  out.set(frame.pixels.subarray(0, FRAME_BYTES));
  drawHeat(frame, out);
  drawBar(frame, out);
  if (frame.isAlertOpen) drawBorder(out);
};

const drawHeat = ({ map, side, threshold }: OverlayFrame, out: Uint8Array): void => {
  for (let y = 0; y < FRAME_SIDE; y++) {
    for (let x = 0; x < FRAME_SIDE; x++) {
      const level = cellBetween(map, side, x, y) / threshold;
      if (!(level > FAINTEST)) continue;
      const alpha = STRONGEST * Math.min(1, (level - FAINTEST) / (1 - FAINTEST));
      blend(out, x, y, heatColour(level), alpha);
    }
  }
};

/** Bilinear, at a pixel's centre. */
const cellBetween = (map: Float32Array, side: number, x: number, y: number): number => {
  const place = (pixel: number): readonly [number, number, number] => {
    const at = Math.min(side - 1, Math.max(0, ((pixel + 0.5) * side) / FRAME_SIDE - 0.5));
    const low = Math.floor(at);
    return [low, Math.min(side - 1, low + 1), at - low];
  };
  const [left, right, dx] = place(x);
  const [top, bottom, dy] = place(y);
  const row = (line: number): number => {
    const from = map[line * side + left] ?? 0;
    return from + dx * ((map[line * side + right] ?? 0) - from);
  };
  return row(top) + dy * (row(bottom) - row(top));
};

const drawBar = ({ score, threshold, isAlertOpen }: OverlayFrame, out: Uint8Array): void => {
  const share = Math.min(1, Math.max(0, score / threshold / BAR_RANGE));
  const tick = Math.round(FRAME_SIDE / BAR_RANGE);
  for (let y = FRAME_SIDE - BAR_HEIGHT; y < FRAME_SIDE; y++) {
    for (let x = 0; x < FRAME_SIDE; x++) {
      if (x === tick) blend(out, x, y, TICK, 1);
      else if (x < share * FRAME_SIDE) blend(out, x, y, isAlertOpen ? ALERT : CALM, 0.9);
      else blend(out, x, y, [0, 0, 0], 0.5);
    }
  }
};

const drawBorder = (out: Uint8Array): void => {
  for (let y = 0; y < FRAME_SIDE; y++) {
    const isEdgeRow = y < BORDER || y >= FRAME_SIDE - BORDER;
    for (let x = 0; x < FRAME_SIDE; x++) {
      if (isEdgeRow || x < BORDER || x >= FRAME_SIDE - BORDER) blend(out, x, y, ALERT, 1);
    }
  }
};

const blend = (out: Uint8Array, x: number, y: number, colour: Colour, alpha: number): void => {
  const at = (y * FRAME_SIDE + x) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const under = out[at + channel] ?? 0;
    out[at + channel] = Math.round(under + alpha * ((colour[channel] ?? 0) - under));
  }
};
