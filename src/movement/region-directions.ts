// Where each region moves in a frame: one direction for it, if what moves there agrees.
import { REGION_COUNT, REGION_SIDE } from './regions.ts';

/** Directions are told as one of so many, clockwise on the screen from "to the right". */
export const DIRECTION_STEPS = 32;
/** A region in which nothing moves, or in all directions at once. */
export const NO_DIRECTION = 255;

/** Pixels a frame; slower is still: flow of textures in noise. */
const LEAST_SPEED = 0.5;
/** Pixels a frame, summed over a region's cells: one cell at walking pace, or several at less. */
const LEAST_MOTION = 2;
/** Length of the sum against the sum of lengths: limbs and leaves go to and fro. */
const LEAST_AGREEMENT = 0.7;

/**
 * @param flow (cell, component) of one frame, side × side cells, from place `from` on
 * @param out receives a direction for each region, from place `to` on
 */
export const regionDirections = (
  flow: Float32Array,
  from: number,
  side: number,
  out: Uint8Array,
  to: number,
): void => {
  const across = side / REGION_SIDE;
  for (let region = 0; region < REGION_COUNT; region++) {
    const top = Math.floor(region / REGION_SIDE) * across;
    const left = (region % REGION_SIDE) * across;
    let u = 0;
    let v = 0;
    let motion = 0;
    for (let y = top; y < top + across; y++) {
      for (let x = left; x < left + across; x++) {
        const at = from + (y * side + x) * 2;
        const right = flow[at] ?? 0;
        const down = flow[at + 1] ?? 0;
        const speed = Math.sqrt(right * right + down * down);
        if (speed < LEAST_SPEED) continue;
        u += right;
        v += down;
        motion += speed;
      }
    }
    const agrees = motion >= LEAST_MOTION && Math.sqrt(u * u + v * v) >= LEAST_AGREEMENT * motion;
    out[to + region] = agrees ? stepOf(u, v) : NO_DIRECTION;
  }
};

const stepOf = (u: number, v: number): number => {
  const turns = Math.atan2(v, u) / (2 * Math.PI);
  return (Math.round(turns * DIRECTION_STEPS) + DIRECTION_STEPS) % DIRECTION_STEPS;
};
