import { expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { StillFilter } from '../../../src/fitting/still-filter.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';

const yard = (): Uint8Array => new Uint8Array(FRAME_BYTES).fill(120);

/** Someone 8 pixels wide and 16 high, some grey levels brighter than the wall. */
const withPerson = (left: number): Uint8Array => {
  const frame = yard();
  for (let row = 100; row < 116; row++) {
    const from = (row * FRAME_SIDE + left) * 3;
    frame.fill(150, from, from + 8 * 3);
  }
  return frame;
};

test('of stills one in ten is kept, though the sensor is noisy', () => {
  const random = seededRandom(2);
  const filter = new StillFilter();
  let kept = 0;
  for (let index = 0; index < 101; index++) {
    const frame = yard().map((value) => value + Math.floor(9 * random()) - 4);
    if (filter.accepts(frame)) kept += 1;
  }
  expect(kept).toBe(11);
  expect(filter.leftOut).toBe(90);
});

test('a small person who walks is always kept', () => {
  const filter = new StillFilter();
  for (let left = 20; left < 120; left += 2) expect(filter.accepts(withPerson(left))).toBe(true);
});

test('what creeps adds up: change is since the last frame that was kept', () => {
  const filter = new StillFilter();
  const accepted = Array.from({ length: 9 }, (_, level) =>
    filter.accepts(new Uint8Array(FRAME_BYTES).fill(100 + level)),
  );
  expect(accepted).toEqual([true, false, false, true, false, false, true, false, false]);
});
