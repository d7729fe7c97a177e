// Where the edges of a picture lie and which way they run, whatever the light: the gradient with its angle doubled, so
// that an edge counts the same whichever of its sides is brighter. Light that dims, comes from elsewhere or is infrared
// leaves most edges where they are; what covers the lens, moves the camera or blurs the picture does not.
import { BLOCKS, BLOCK_CELLS, BLOCK_SIDE, HALF_CELLS, HALF_SIDE } from './view-grid.ts';

/** Below this nothing is told of a picture's edges, in squared grey levels. */
const FLAT = 0.01;

/** (cell, 2): strength of the gradient along twice its angle, in units of the picture's own root mean square. */
export class Structure {
  readonly values = new Float32Array(2 * HALF_CELLS);

  /** @param luma (row, column) of the half picture */
  see(luma: Float32Array): void {
    const { values } = this;
    let total = 0;
    for (let y = 1; y < HALF_SIDE - 1; y++) {
      let at = y * HALF_SIDE + 1;
      for (let x = 1; x < HALF_SIDE - 1; x++, at++) {
        const up = at - HALF_SIDE;
        const down = at + HALF_SIDE;
        const rising = luma[down + 1]! - luma[up - 1]!;
        const falling = luma[up + 1]! - luma[down - 1]!;
        const across = rising + falling + 2 * (luma[at + 1]! - luma[at - 1]!);
        const along = rising - falling + 2 * (luma[down]! - luma[up]!);
        const squared = across * across + along * along;
        const scale = squared > 0 ? 1 / Math.sqrt(squared) : 0;
        values[2 * at] = (across * across - along * along) * scale;
        values[2 * at + 1] = 2 * across * along * scale;
        total += squared;
      }
    }
    const unit = 1 / Math.sqrt(total / HALF_CELLS + FLAT);
    for (let at = 0; at < values.length; at++) values[at] = values[at]! * unit;
  }
}

/**
 * How far the edges of each block agree with the learnt ones, −1..1, into `agreement` (block).
 *
 * @param norms the learnt structure's root sum of squares in each block
 */
export const compareStructure = (
  seen: Float32Array,
  learnt: Float32Array,
  norms: Float32Array,
  agreement: Float32Array,
): void => {
  for (let block = 0; block < BLOCKS; block++) {
    const row = Math.floor(block / BLOCK_SIDE) * BLOCK_CELLS;
    const column = (block % BLOCK_SIDE) * BLOCK_CELLS;
    let product = 0;
    let square = 0;
    for (let y = row; y < row + BLOCK_CELLS; y++) {
      const from = 2 * (y * HALF_SIDE + column);
      for (let at = from; at < from + 2 * BLOCK_CELLS; at++) {
        const value = seen[at]!;
        product += value * learnt[at]!;
        square += value * value;
      }
    }
    const norm = Math.sqrt(square) * norms[block]!;
    agreement[block] = norm > 0 ? product / norm : 0;
  }
};

/** Root sum of squares of each block, into `norms`. */
export const structureNorms = (structure: Float32Array, norms: Float32Array): void => {
  norms.fill(0);
  for (let cell = 0; cell < HALF_CELLS; cell++) {
    const row = Math.floor(Math.floor(cell / HALF_SIDE) / BLOCK_CELLS);
    const block = row * BLOCK_SIDE + Math.floor((cell % HALF_SIDE) / BLOCK_CELLS);
    norms[block] = norms[block]! + structure[2 * cell]! ** 2 + structure[2 * cell + 1]! ** 2;
  }
  for (let block = 0; block < BLOCKS; block++) norms[block] = Math.sqrt(norms[block]!);
};
