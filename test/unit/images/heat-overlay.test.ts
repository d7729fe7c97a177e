import { expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { drawOverlay, type OverlayFrame } from '../../../src/images/heat-overlay.ts';

const SIDE = 32;
const GREY = 100;

const frame = (map: Float32Array, over: Partial<OverlayFrame> = {}): OverlayFrame => ({
  pixels: new Uint8Array(FRAME_BYTES).fill(GREY),
  map,
  side: SIDE,
  score: 5,
  threshold: 10,
  isAlertOpen: false,
  ...over,
});

const drawn = (given: OverlayFrame): ((x: number, y: number) => number[]) => {
  const out = new Uint8Array(FRAME_BYTES);
  drawOverlay(given, out);
  return (x, y) => [...out.subarray((y * FRAME_SIDE + x) * 3, (y * FRAME_SIDE + x) * 3 + 3)];
};

test('where all is normal the picture stays as it is', () => {
  const at = drawn(frame(new Float32Array(SIDE * SIDE).fill(4)));
  expect(at(10, 10)).toEqual([GREY, GREY, GREY]);
  expect(at(250, 100)).toEqual([GREY, GREY, GREY]);
});

test('an unusual cell is warm, and only it', () => {
  const map = new Float32Array(SIDE * SIDE);
  map[16 * SIDE + 16] = 20;
  const at = drawn(frame(map));
  const [red = 0, green = 0, blue = 0] = at(132, 132);
  expect(red).toBeGreaterThan(GREY);
  expect(green).toBeLessThan(GREY);
  expect(blue).toBeLessThan(GREY);
  expect(at(60, 60)).toEqual([GREY, GREY, GREY]);
});

test('an open alert has a red border', () => {
  const calm = new Float32Array(SIDE * SIDE);
  expect(drawn(frame(calm, { isAlertOpen: true }))(0, 100)).toEqual([226, 40, 40]);
  expect(drawn(frame(calm))(0, 100)).toEqual([GREY, GREY, GREY]);
});

test('the bar reaches the tick at the threshold', () => {
  const bar = (score: number): number[] => {
    const at = drawn(frame(new Float32Array(SIDE * SIDE), { score }));
    return at(100, FRAME_SIDE - 2);
  };
  expect(bar(10)).not.toEqual(bar(1));
});
