import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { ColourVariety, PLACES_SIDE } from '../../../src/ingest/colour-variety.ts';

/** Even numbers in −1..1, the same in every run. */
const noise = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
};

type Colour = readonly [number, number, number];

/** A picture of light and dark with a colour for each place. */
const picture = (colourOf: (x: number, y: number) => Colour, deviation = 0): Uint8Array => {
  const next = noise(7);
  const pixels = new Uint8Array(FRAME_BYTES);
  for (let y = 0; y < FRAME_SIDE; y++) {
    for (let x = 0; x < FRAME_SIDE; x++) {
      const luma = 110 + 60 * Math.sin(x / 9) * Math.cos(y / 13);
      const colour = colourOf(x, y);
      for (let channel = 0; channel < 3; channel++) {
        const value = luma * (colour[channel] ?? 1) + 3 * deviation * next();
        pixels[3 * (y * FRAME_SIDE + x) + channel] = Math.min(255, Math.max(0, value));
      }
    }
  }
  return pixels;
};

/** A clock, a red mark and a name, in the strongest colours. */
const overlaid = (pixels: Uint8Array): Uint8Array => {
  const boxes = [
    { x: 8, y: 8, width: 90, height: 14, colour: [255, 230, 0] },
    { x: 226, y: 8, width: 24, height: 14, colour: [235, 0, 0] },
    { x: 150, y: 236, width: 96, height: 12, colour: [0, 235, 90] },
  ];
  for (const { x, y, width, height, colour } of boxes) {
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) {
        pixels.set(colour, 3 * (row * FRAME_SIDE + column));
      }
    }
  }
  return pixels;
};

describe('infrared', () => {
  test.each<[string, Colour, number]>([
    ['grey', [1, 1, 1], 0],
    ['pink', [1.15, 0.8, 1.05], 0],
    ['pink with noise', [1.15, 0.8, 1.05], 4],
    ['violet with noise', [0.9, 0.7, 1.1], 4],
  ])('%s, with a clock and a red mark', (_name, cast, deviation) => {
    const pixels = overlaid(picture(() => cast, deviation));
    expect(new ColourVariety().of(pixels)).toBeLessThan(0.8);
  });
});

describe('colour', () => {
  test('as pale as asphalt beside kerbs', () => {
    const pale = picture((x) => (x % 96 < 48 ? [1.02, 1, 0.98] : [0.98, 1, 1.02]));
    expect(new ColourVariety().of(pale)).toBeGreaterThan(1.25);
  });

  test('under a cast of its own', () => {
    const evening = picture((_x, y) => (y < 100 ? [1, 0.9, 0.9] : [1.2, 1, 0.6]));
    expect(new ColourVariety().of(evening)).toBeGreaterThan(1.25);
  });

  test('through noise', () => {
    const noisy = picture((_x, y) => (y < 128 ? [1, 1, 1.3] : [0.9, 1.1, 0.8]), 6);
    expect(new ColourVariety().of(noisy)).toBeGreaterThan(1.25);
  });
});

test('ignored places do not count', () => {
  const half = picture((x) => (x < 128 ? [1, 1, 1] : [1.3, 1, 0.7]));
  const right = Uint8Array.from({ length: PLACES_SIDE ** 2 }, (_, place) =>
    place % PLACES_SIDE >= PLACES_SIDE / 2 ? 1 : 0,
  );
  expect(new ColourVariety(right).of(half)).toBeLessThan(0.8);
  expect(new ColourVariety().of(half)).toBeGreaterThan(1.25);
});

test.each([0, 255])('nothing can be told of a picture that is %d all over', (level) => {
  expect(new ColourVariety().of(new Uint8Array(FRAME_BYTES).fill(level))).toBeUndefined();
});
