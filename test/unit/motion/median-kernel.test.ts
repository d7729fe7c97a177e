import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { compileMedian, plainMedian } from '../../../src/motion/median-kernel.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';

const median = compileMedian(
  readFileSync(new URL('../../../assets/motion/median.wasm', import.meta.url)),
);

const randomPictures = (length: number, levels: number): Uint8Array[] => {
  const random = seededRandom(length + levels);
  return Array.from({ length: 7 }, () =>
    Uint8Array.from({ length }, () => Math.floor(random() * levels)),
  );
};
const sortedMedian = (pictures: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(
    { length: pictures[0]!.length },
    (_, at) => pictures.map((picture) => picture[at]!).sort((a, b) => a - b)[3]!,
  );

describe.each([
  ['median.wasm', median],
  ['plain', plainMedian],
])('median of seven: %s', (_name, of) => {
  it('is what sorting gives, whatever order of 0s and 1s comes', () => {
    // A network that sorts every sequence of two values sorts all (Knuth, The Art of Computer Programming 3, 5.3.4).
    const pictures = Array.from({ length: 7 }, (_, bit) =>
      Uint8Array.from({ length: 128 }, (__, at) => (at >> bit) & 1),
    );
    const target = new Uint8Array(128);
    of(pictures, target);
    expect(target).toEqual(sortedMedian(pictures));
  });

  it.each([3, 256])('is what sorting gives at random bytes of %i levels', (levels) => {
    const pictures = randomPictures(FRAME_BYTES + 5, levels);
    const target = new Uint8Array(FRAME_BYTES + 5);
    of(pictures, target);
    expect(Buffer.compare(target, sortedMedian(pictures))).toBe(0);
  });

  it('refuses another number of pictures and pictures of another length', () => {
    const pictures = randomPictures(16, 256);
    expect(() => of(pictures.slice(1), new Uint8Array(16))).toThrow(
      'the median is of 7 pictures, not of 6',
    );
    expect(() => of(pictures, new Uint8Array(32))).toThrow(
      'a picture has 16 bytes where the target has 32',
    );
  });
});
