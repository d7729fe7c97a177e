// Cells that a decoder left grey: one even mid-grey without colour, as it shows what it never got, with a sharp edge to
// what it got. A smooth grey thing before the lens fades into its surroundings.
import { FRAME_SIDE } from '../core/frame.ts';
import { GREY_CELLS, GREY_SIDE } from './view-grid.ts';

const CELL = FRAME_SIDE / GREY_SIDE;
/** Decoders fill with 128; colour conversion of a limited range makes that 130. */
const MIDDLE = 130;
const AROUND_MIDDLE = 6;
/** Between the colours of a pixel, and between the pixels of a cell. */
const EVEN = 2;
/** Grey levels to a neighbour, from which on there is an edge; and the share of neighbours that have one. */
const EDGE = 8;
const EDGED = 0.5;
/** Pixels looked at in a cell, from its corner; its level is that of the first one. */
const SAMPLES = [
  [1, 1],
  [6, 1],
  [1, 6],
  [6, 6],
  [4, 3],
].map(([x = 0, y = 0]) => 3 * (y * FRAME_SIDE + x));
const LEVEL = SAMPLES[0]! + 1;

const ABOVE = [GREY_SIDE];
const LEFT_AND_ABOVE = [1, GREY_SIDE];

/** 1 for a grey cell, into `cells` (row, column); most are told by their first pixel. */
export const findGreyCells = (pixels: Uint8Array, from: number, cells: Uint8Array): void => {
  for (let cell = 0; cell < GREY_CELLS; cell++) {
    cells[cell] = isGrey(pixels, cornerOf(cell, from)) ? 1 : 0;
  }
};

/**
 * Share of the picture in which cells are grey that were not, with an edge about them.
 *
 * @param may 1 for cells in which grey is news; the others are taken out of `cells`
 */
export const greyShare = (
  pixels: Uint8Array,
  from: number,
  may: Uint8Array,
  cells: Uint8Array,
): number => {
  findGreyCells(pixels, from, cells);
  let count = 0;
  for (let cell = 0; cell < GREY_CELLS; cell++) {
    cells[cell] = cells[cell]! & may[cell]!;
    count += cells[cell]!;
  }
  return count > 0 && isEdged(pixels, from, may, cells) ? count / GREY_CELLS : 0;
};

const isEdged = (pixels: Uint8Array, from: number, may: Uint8Array, cells: Uint8Array): boolean => {
  let edges = 0;
  let fades = 0;
  for (let cell = 0; cell < GREY_CELLS; cell++) {
    const corner = cornerOf(cell, from);
    // To the left and above: each pair of neighbours once.
    for (const back of cell % GREY_SIDE > 0 ? LEFT_AND_ABOVE : ABOVE) {
      const other = cell - back;
      if (other < 0 || cells[cell] === cells[other]) continue;
      if (may[cell] === 0 || may[other] === 0) continue;
      const beyond = cornerOf(other, from);
      const isStep =
        cells[cell] === 1 ? isUnlike(pixels, corner, beyond) : isUnlike(pixels, beyond, corner);
      if (isStep) edges += 1;
      else fades += 1;
    }
  }
  return edges >= EDGED * (edges + fades);
};

/** Whether any sample of the other cell is of another level than the grey one: it may be grey in part. */
const isUnlike = (pixels: Uint8Array, grey: number, other: number): boolean => {
  const level = pixels[grey + LEVEL]!;
  for (const sample of SAMPLES) {
    if (Math.abs(pixels[other + sample + 1]! - level) >= EDGE) return true;
  }
  return false;
};

const cornerOf = (cell: number, from: number): number => {
  const y = Math.floor(cell / GREY_SIDE) * CELL;
  const x = (cell % GREY_SIDE) * CELL;
  return from + 3 * (y * FRAME_SIDE + x);
};

const isGrey = (pixels: Uint8Array, corner: number): boolean => {
  const level = pixels[corner + LEVEL]!;
  if (Math.abs(level - MIDDLE) > AROUND_MIDDLE) return false;
  for (const sample of SAMPLES) {
    for (let at = corner + sample; at < corner + sample + 3; at++) {
      if (Math.abs(pixels[at]! - level) > EVEN) return false;
    }
  }
  return true;
};
