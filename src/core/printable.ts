// Text for a terminal or a log, in which nothing that came from elsewhere can move the cursor, forge a line or turn the
// rest around.

/** First and last code of each range: C0 but for tab and line feed, DEL and C1, separators, marks of direction. */
const UNPRINTABLE: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];

const code = (value: number): string => `\\u${value.toString(16).padStart(4, '0')}`;

const PATTERN = new RegExp(
  `[${UNPRINTABLE.map(([first, last]) => `${code(first)}-${code(last)}`).join('')}]`,
  'g',
);

/** Such characters are written as `\u001b`. */
export const printable = (text: string): string =>
  text.replace(PATTERN, (character) => code(character.charCodeAt(0)));
