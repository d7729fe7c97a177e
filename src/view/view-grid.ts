// The sizes that the view is measured on: a picture of half the frame's side, blocks of it, and small pictures to
// register by.
import { FRAME_SIDE } from '../core/frame.ts';

/** Side of the half picture, each cell the mean of 2×2 pixels: noise is halved, edges stay where they are. */
export const HALF_SIDE = FRAME_SIDE / 2;
export const HALF_CELLS = HALF_SIDE * HALF_SIDE;

/** Blocks of 16×16 pixels, the unit in which the view is lost or kept. */
export const BLOCK_SIDE = 16;
export const BLOCKS = BLOCK_SIDE * BLOCK_SIDE;
/** Cells of the half picture along a block. */
export const BLOCK_CELLS = HALF_SIDE / BLOCK_SIDE;

/** Sides of the pictures that a shift is found on, fine and coarse. */
export const FINE_SIDE = HALF_SIDE / 2;
export const COARSE_SIDE = FINE_SIDE / 2;

/** Cells of 8×8 pixels, in which decoders leave out what they lost. */
export const GREY_SIDE = FRAME_SIDE / 8;
export const GREY_CELLS = GREY_SIDE * GREY_SIDE;
