import { expect, test } from 'vitest';

import { MOST_MEASURES } from '../../../src/core/segment-score.ts';
import { NO_EVIDENCE } from '../../../src/movement/direction-trail.ts';
import {
  MOST_STEPS,
  decodeMovement,
  encodeMovement,
  type SegmentMovement,
} from '../../../src/movement/movement-measures.ts';
import { MOST_LIMITS } from '../../../src/movement/movement-model.ts';
import { REGION_COUNT } from '../../../src/movement/regions.ts';

const largest: SegmentMovement = {
  shares: Float64Array.from({ length: REGION_COUNT }, (_, region) => region / 1_000),
  odds: Float64Array.from({ length: MOST_STEPS * REGION_COUNT }, (_, at) =>
    at % 3 === 0 ? NO_EVIDENCE : ((at % 7) - 3) / 2,
  ),
  stepCount: MOST_STEPS,
  directionThreshold: 2.5,
  limits: Array.from({ length: MOST_LIMITS }, (_, place) => ({
    place,
    value: -(100 + place) / 100,
  })),
};

test('the most that can be told of a segment fits, and is read again as it was', () => {
  const measures = encodeMovement(largest);
  expect(measures.length).toBeLessThanOrEqual(MOST_MEASURES);
  expect(measures.every(Number.isFinite)).toBe(true);
  expect(decodeMovement(measures)).toEqual(largest);
});

test('a segment without a frame before has no shares, one without directions no steps', () => {
  const bare = { ...largest, shares: undefined, odds: new Float64Array(), stepCount: 0 };
  const read = decodeMovement(encodeMovement({ ...bare, directionThreshold: undefined }));
  expect(read).toEqual({ ...bare, directionThreshold: undefined });
});

test.each([
  ['empty', []],
  ['cut', encodeMovement(largest).slice(0, -1)],
  ['not finite', encodeMovement(largest).with(9, NaN)],
  ['a limit of no window', encodeMovement({ ...largest, limits: [{ place: 9_999, value: -1 }] })],
])('what is no such list is none: %s', (_, measures) => {
  expect(decodeMovement(measures)).toBeUndefined();
});
