// How much two pictures in a row differ: what noise makes of it everywhere, and what moves.
import { FRAME_SIDE } from '../core/frame.ts';
import { BLOCKS, BLOCK_SIDE } from './view-grid.ts';

/** Every fourth pixel each way, green only. */
const STEP = 4;
const PER_BLOCK = (FRAME_SIDE / BLOCK_SIDE / STEP) ** 2;

export class FrameDifference {
  readonly #blocks = new Float32Array(BLOCKS);
  /** Mean over the picture, grey levels. */
  mean = 0;
  /** Median over the blocks: what moves in less than half of the picture does not count. */
  median = 0;

  /** @param before,after where the two frames start in `pixels` */
  see(pixels: Uint8Array, before: number, after: number): void {
    const blocks = this.#blocks;
    blocks.fill(0);
    let total = 0;
    for (let y = 0; y < FRAME_SIDE; y += STEP) {
      const row = Math.floor((y * BLOCK_SIDE) / FRAME_SIDE) * BLOCK_SIDE;
      let offset = 3 * y * FRAME_SIDE + 1;
      for (let x = 0; x < FRAME_SIDE; x += STEP) {
        const difference = Math.abs(pixels[after + offset]! - pixels[before + offset]!);
        offset += 3 * STEP;
        total += difference;
        const block = row + ((x * BLOCK_SIDE) >> 8);
        blocks[block] = blocks[block]! + difference;
      }
    }
    this.mean = total / (BLOCKS * PER_BLOCK);
    blocks.sort();
    this.median = blocks[BLOCKS / 2]! / PER_BLOCK;
  }
}
