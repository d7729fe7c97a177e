import { mkdir, writeFile } from 'node:fs/promises';

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatList, listFrames, naturalOrder } from '../../../src/capture/frame-folder.ts';
import { tempDir } from '../../support/temp-dir.ts';

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

it('leaves out what is no picture, and names it', async () => {
  await using folder = await tempDir();
  const start = Buffer.from([0xff, 0xd8, 0xff]);
  await mkdir(folder.at('b.jpg'));
  await writeFile(folder.at('c.jpg'), '');
  await writeFile(folder.at('d.jpg'), 'no picture');
  for (const name of ['a.jpg', 'f%d.jpg', 'g.jpg']) await writeFile(folder.at(name), start);
  const skipped: string[] = [];
  const frames = await listFrames(folder.path, (name) => skipped.push(name));
  expect(frames).toEqual([folder.at('a.jpg'), folder.at('g.jpg')]);
  expect(skipped).toEqual(['b.jpg', 'c.jpg', 'd.jpg', 'f%d.jpg']);
});
