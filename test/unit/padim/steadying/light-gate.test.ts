import { describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../../src/core/frame.ts';
import { ScratchMemory } from '../../../../src/padim/maths/scratch-memory.ts';
import { LightGate } from '../../../../src/padim/steadying/light-gate.ts';
import { pictureOf } from './made-scene.ts';

const SIDE = 32;
const gate = new LightGate(SIDE, new ScratchMemory());

/** Weight at a place in pixels. */
const weightAt = (x: number, y: number, earlier: Uint8Array, later: Uint8Array): number => {
  const run = new Uint8Array(3 * FRAME_BYTES);
  run.set(earlier, FRAME_BYTES);
  run.set(later, 2 * FRAME_BYTES);
  return gate.weigh(run, FRAME_BYTES)[Math.floor(y / 8) * SIDE + Math.floor(x / 8)]!;
};

const beam = (centre: number) => (x: number, y: number) =>
  1 + 0.5 * Math.exp(-((x - centre) ** 2 + (y - 128) ** 2) / (2 * 30 ** 2));
const box = (left: number) => (x: number, y: number) =>
  x >= left && x < left + 20 && y >= 100 && y < 150 ? 20 : undefined;

describe('LightGate', () => {
  test('a beam that wanders over the scene is light', () => {
    const earlier = pictureOf({ light: beam(100) });
    const later = pictureOf({ light: beam(124) });
    for (const x of [84, 100, 116, 132, 148]) {
      expect(weightAt(x, 128, earlier, later)).toBeLessThan(0.2);
    }
  });

  test('a thing that moves is none, also in a beam', () => {
    const earlier = pictureOf({ thing: box(100), light: beam(100) });
    const later = pictureOf({ thing: box(108), light: beam(124) });
    expect(weightAt(100, 125, earlier, later)).toBe(1);
    expect(weightAt(126, 125, earlier, later)).toBe(1);
  });

  test('so is a whole picture that moves', () => {
    const later = pictureOf({ dx: 3 });
    for (const x of [20, 100, 200]) expect(weightAt(x, x, pictureOf(), later)).toBe(1);
  });
});
