import { expect, test } from 'vitest';

import type { Alert } from '../../../src/core/alert.ts';
import { AlertLog } from '../../../src/server/alert-log.ts';

const NOW_MS = 1_700_000_000_000;

const alert = (id: string): Alert => ({ id }) as Partial<Alert> as Alert;

test('cursors of an earlier run are told from those of this one', () => {
  const earlier = AlertLog.ofThisRun(NOW_MS);
  const seen = earlier.append(alert('a')).cursor;
  const log = AlertLog.ofThisRun(NOW_MS + 60_000);
  for (const id of ['b', 'c']) log.append(alert(id));
  const missed = log.after(seen);
  expect(missed.isComplete).toBe(false);
  expect(missed.entries.map((entry) => entry.alert.id)).toEqual(['b', 'c']);
});

test('from the beginning, from between, from the end', () => {
  const log = AlertLog.ofThisRun(NOW_MS);
  const first = log.append(alert('a')).cursor;
  const second = log.append(alert('b')).cursor;
  expect(log.after(0)).toMatchObject({ isComplete: true, entries: [{}, {}] });
  expect(log.after(first)).toEqual({
    isComplete: true,
    entries: [{ cursor: second, alert: alert('b') }],
  });
  expect(log.after(second)).toEqual({ isComplete: true, entries: [] });
  expect(log.after(second + 1).isComplete).toBe(false);
});

test('goes on where an earlier process stopped', () => {
  const earlier = AlertLog.ofThisRun(NOW_MS);
  const kept = ['a', 'b'].map((id) => earlier.append(alert(id)));
  const log = AlertLog.ofThisRun(NOW_MS + 60_000);
  log.restore(kept);
  const third = log.append(alert('c'));
  expect(third.cursor).toBe(kept[1]!.cursor + 1);
  expect(log.after(kept[0]!.cursor)).toEqual({ isComplete: true, entries: [kept[1], third] });
});

test('from the beginning, over what an earlier process kept', () => {
  const earlier = AlertLog.ofThisRun(NOW_MS);
  const kept = ['a', 'b'].map((id) => earlier.append(alert(id)));
  const log = AlertLog.ofThisRun(NOW_MS + 60_000);
  log.restore(kept);
  expect(log.after(0)).toEqual({ isComplete: true, entries: kept });
  const third = log.append(alert('c'));
  expect(log.after(0)).toEqual({ isComplete: true, entries: [...kept, third] });
});
