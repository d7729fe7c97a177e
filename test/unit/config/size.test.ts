import { expect, test } from 'vitest';

import { parseSize, sizeBytes } from '../../../src/config/size.ts';

test.each([
  ['0KB', 0],
  ['64MB', 64_000_000],
  ['1.5GB', 1_500_000_000],
  ['0.1KB', 100],
])('%s is %d bytes', (text, expected) => {
  expect(sizeBytes(text)).toBe(expected);
});

test.each(['', '10', 'MB', '-1MB', '1 MB', '1mb', '1MiB', '1e3MB', '.5GB', '1TB'])(
  '"%s" is no size',
  (text) => {
    expect(parseSize(text)).toBeUndefined();
    expect(() => sizeBytes(text)).toThrow(RangeError);
  },
);
