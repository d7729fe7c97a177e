import fc from 'fast-check';
import { expect, test } from 'vitest';

import { durationMs, parseDuration } from '../../../src/config/duration.ts';

test.each([
  ['0s', 0],
  ['500ms', 500],
  ['1.5s', 1_500],
  ['2m', 120_000],
  ['24h', 86_400_000],
])('%s is %d ms', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});

test.each(['', '10', 's', '-1s', '1 s', '1S', '1e3s', '.5s', '1s1s', '1d'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('whole numbers of every unit come out exactly', () => {
  fc.assert(
    fc.property(fc.nat(100_000), (count) => {
      expect(parseDuration(`${count}ms`)).toBe(count);
      expect(parseDuration(`${count}h`)).toBe(count * 3_600_000);
    }),
  );
});
