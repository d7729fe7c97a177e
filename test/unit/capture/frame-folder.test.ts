import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatList, naturalOrder } from '../../../src/capture/frame-folder.ts';

it('orders numbers by value', () => {
  expect(naturalOrder(['f10.jpg', 'f2.jpg', 'f1.jpg', 'f02.jpg', 'e9.jpg'])).toEqual([
    'e9.jpg',
    'f1.jpg',
    'f02.jpg',
    'f2.jpg',
    'f10.jpg',
  ]);
});

it('gives one order whatever the order found on disk', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[ab01]{1,4}$/), { maxLength: 8 });
  const shuffled = names.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      expect(naturalOrder(other)).toEqual(naturalOrder(list));
    }),
  );
});

it('quotes names', () => {
  expect(concatList(["/a b/it's.jpg"])).toBe(
    "ffconcat version 1.0\nfile 'file:/a b/it'\\''s.jpg'\nduration 1\n",
  );
});
