import { expect, test } from 'vitest';

import { isHeldOut, startsHeldOutStretch } from '../../../src/fitting/hold-out.ts';

test('one fifth is held out, in whole stretches', () => {
  const heldOut = Array.from({ length: 1_000 }, (_, index) => index).filter(isHeldOut);
  expect(heldOut).toHaveLength(200);
  const starts = heldOut.filter((_, order) => startsHeldOutStretch(order));
  expect(starts).toEqual([80, 180, 280, 380, 480, 580, 680, 780, 880, 980]);
});
