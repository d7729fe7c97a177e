import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../../src/core/frame.ts';
import { ScratchMemory } from '../../../../src/padim/maths/scratch-memory.ts';
import { PictureSteadier } from '../../../../src/padim/steadying/picture-steadier.ts';
import { pictureOf } from './made-scene.ts';

const still = pictureOf();
const steadier = new PictureSteadier(still, new ScratchMemory());

/** Largest difference of two frames, but for the border. */
const furthestApart = (a: Uint8Array, b: Uint8Array, border: number): number => {
  let furthest = 0;
  for (let y = border; y < FRAME_SIDE - border; y++) {
    for (let x = border; x < FRAME_SIDE - border; x++) {
      const at = 3 * (y * FRAME_SIDE + x);
      furthest = Math.max(furthest, Math.abs(a[at]! - b[at]!));
    }
  }
  return furthest;
};

describe('PictureSteadier', () => {
  test.each([
    [3, 0],
    [-2, 3],
    [1.4, -0.8],
    [0, -0.7],
    [5, 5],
    [-7, 2],
  ])('finds a shift of %f and %f pixels', (dx, dy) => {
    const shift = steadier.shiftOf(pictureOf({ dx, dy, noise: 8 }), 0);
    expect(Math.abs((shift?.dx ?? 99) - dx)).toBeLessThan(0.15);
    expect(Math.abs((shift?.dy ?? 99) - dy)).toBeLessThan(0.15);
  });

  test('in other light, and with something large in the picture', () => {
    const thing = (x: number, y: number): number | undefined =>
      x > 30 && x < 110 && y > 60 && y < 200 ? 240 - (x % 7) * 20 : undefined;
    const shift = steadier.shiftOf(pictureOf({ dx: 2, dy: -3, light: () => 0.7, thing }), 0);
    expect(shift?.dx).toBeCloseTo(2, 0);
    expect(shift?.dy).toBeCloseTo(-3, 0);
  });

  test.each([
    ['a steady picture', pictureOf({ noise: 10 })],
    ['brighter light', pictureOf({ light: () => 1.3 })],
    [
      'something large that moves',
      pictureOf({ thing: (x) => (x < 100 ? (x * 37) % 200 : undefined) }),
    ],
    ['another view', pictureOf({ dx: 40, dy: 17 })],
    ['one colour', new Uint8Array(FRAME_BYTES).fill(90)],
    ['black', new Uint8Array(FRAME_BYTES)],
  ])('%s is left as it is', (_, picture) => {
    expect(steadier.shiftOf(picture, 0)).toBeUndefined();
    expect(steadier.steady(picture)).toBe(picture);
  });

  test('a scene without structure moves nothing', () => {
    const blank = new PictureSteadier(new Uint8Array(FRAME_BYTES).fill(80), new ScratchMemory());
    expect(blank.steady(still)).toBe(still);
  });

  test('moves back the frames that need it, and leaves what it was given alone', () => {
    const shaken = pictureOf({ dx: 2.5, dy: -3 });
    const run = new Uint8Array(3 * FRAME_BYTES);
    run.set(still);
    run.set(shaken, FRAME_BYTES);
    run.set(still, 2 * FRAME_BYTES);
    const copy = run.slice();
    const steadied = steadier.steady(run);
    expect(run).toEqual(copy);
    expect(steadied).not.toBe(run);
    expect(steadied).toHaveLength(run.length);
    expect(steadied.subarray(0, FRAME_BYTES)).toEqual(still);
    expect(steadied.subarray(2 * FRAME_BYTES)).toEqual(still);
    const moved = steadied.subarray(FRAME_BYTES, 2 * FRAME_BYTES);
    expect(furthestApart(shaken, still, 8)).toBeGreaterThan(25);
    expect(furthestApart(moved, still, 0)).toBeLessThan(6);
  });
});
