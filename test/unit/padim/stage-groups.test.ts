import { expect, test } from 'vitest';

import { parseStages } from '../../../src/padim/stage-groups.ts';

test.each([
  [undefined, [[1, 2, 3]]],
  ['2', [[2]]],
  ['1,3', [[1, 3]]],
  ['1+2+3', [[1], [2], [3]]],
  ['1,2+3', [[1, 2], [3]]],
])('%s', (text, groups) => {
  expect(parseStages(text, 3)).toEqual(groups);
});

test.each(['', '0', '4', '1,1', '1+1', 'a', '1,,2', '1.5'])('refuses "%s"', (text) => {
  expect(() => parseStages(text, 3)).toThrow(`--stages ${text}: expected different numbers`);
});
