import { expect, test } from 'vitest';

import { timeSpan } from '../../../src/cli/option-values.ts';
import { wouldAlertText } from '../../../src/cli/would-alert-text.ts';

const alert = (fromSeconds: number, toSeconds: number) => ({
  ...{ fromMs: fromSeconds * 1_000, toMs: toSeconds * 1_000, peakScore: 15.12, threshold: 10.9 },
  peak: { x: 0.453, y: 0.891 },
});

test('when, where, and how to leave it out; stretches that touch become one', () => {
  expect(wouldAlertText([alert(51, 66.2), alert(69, 75), alert(3_700, 3_705)], true)).toEqual([
    'the model before would have raised 3 alerts on the new footage, which is learnt as normal now:',
    '  0:51 to 1:06  at x 45 %, y 89 %  score 15.1 (threshold 10.9)',
    '  1:09 to 1:15  at x 45 %, y 89 %  score 15.1 (threshold 10.9)',
    '  1:01:40 to 1:01:45  at x 45 %, y 89 %  score 15.1 (threshold 10.9)',
    'what of it is not normal can be left out: the same command with --again --leave-out 0:49-1:17 --leave-out 1:01:38-1:01:47',
  ]);
});

test('none; no model to tell; a stream has no times to leave out', () => {
  expect(wouldAlertText([], true)).toHaveLength(1);
  expect(wouldAlertText(undefined, true)).toEqual([]);
  expect(wouldAlertText([alert(1, 2)], false).at(-1)).not.toContain('--leave-out');
});

test('many: the first twenty', () => {
  const lines = wouldAlertText(
    Array.from({ length: 25 }, (_, at) => alert(at * 60, at * 60 + 5)),
    true,
  );
  expect(lines).toHaveLength(23);
  expect(lines.at(-2)).toBe('  and 5 more');
});

test('what is printed can be given', () => {
  expect(timeSpan('0:49-1:17')).toEqual({ fromMs: 49_000, toMs: 77_000 });
  expect(timeSpan('1:01:38-1:01:47.5')).toEqual({ fromMs: 3_698_000, toMs: 3_707_500 });
  for (const bad of ['1:17-0:49', '5', '1-2-3', 'a-b', '', '-5-9']) {
    expect(() => timeSpan(bad), bad).toThrow(/1:20-1:45/);
  }
});
