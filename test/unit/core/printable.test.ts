import fc from 'fast-check';
import { expect, test } from 'vitest';

import { printable } from '../../../src/core/printable.ts';

test.each([
  ['\u001b[2Jcleared', '\\u001b[2Jcleared'],
  ['two\r\nlines\tof text', 'two\\u000d\nlines\tof text'],
  ['\u009b31m', '\\u009b31m'],
  ['abc\u202egnp.exe', 'abc\\u202egnp.exe'],
  ['\u2066left\u2069', '\\u2066left\\u2069'],
  ['a\u2028b', 'a\\u2028b'],
  ['Straße, 摄像头, كاميرا', 'Straße, 摄像头, كاميرا'],
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('nothing is left that moves a cursor, and what is shown stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/\p{Bidi_Control}/u);
      expect(shown.replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});
