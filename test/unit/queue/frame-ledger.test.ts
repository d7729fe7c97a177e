import { expect, test } from 'vitest';

import { cameraId } from '../../../src/core/ids.ts';
import type { Meter } from '../../../src/core/ports/meter.ts';
import { FrameLedger } from '../../../src/queue/frame-ledger.ts';

const A = cameraId('a');
const B = cameraId('b');

/** Counters and gauges by name and label values. */
const countingMeter = (): { meter: Meter; values: Map<string, number> } => {
  const values = new Map<string, number>();
  const key = (name: string, labels: Record<string, string>): string =>
    [name, ...Object.values(labels)].join(' ');
  return {
    values,
    meter: {
      add: (name, labels, by = 1) =>
        values.set(key(name, labels), (values.get(key(name, labels)) ?? 0) + by),
      restate: (name, labels, total) => values.set(key(name, labels), total),
      set: (name, labels, value) => values.set(key(name, labels), value),
      observe: () => undefined,
    },
  };
};

test('captured = scored + dropped + in flight, per camera, and exported so', () => {
  const { meter, values } = countingMeter();
  const ledger = new FrameLedger(meter);
  for (let frame = 0; frame < 9; frame++) ledger.captured(A);
  ledger.captured(B, 4);
  ledger.scored(A, 3);
  ledger.dropped(A, 'too_old', 2);
  ledger.dropped(A, 'queue_full', 1);
  ledger.dropped(A, 'too_old', 1);
  ledger.scored(B, 4);
  expect(ledger.balance(A)).toEqual({
    captured: 9,
    scored: 3,
    dropped: { too_old: 3, queue_full: 1 },
    droppedTotal: 4,
    inFlight: 2,
  });
  expect(ledger.balance(B)).toMatchObject({ captured: 4, scored: 4, inFlight: 0 });
  expect(ledger.cameras()).toEqual([A, B]);
  expect(Object.fromEntries(values)).toEqual({
    'patchwatch_frames_captured_total a': 9,
    'patchwatch_frames_captured_total b': 4,
    'patchwatch_frames_scored_total a': 3,
    'patchwatch_frames_scored_total b': 4,
    'patchwatch_frames_dropped_total a too_old': 3,
    'patchwatch_frames_dropped_total a queue_full': 1,
    'patchwatch_frames_in_flight a': 2,
    'patchwatch_frames_in_flight b': 0,
  });
});

test('what was counted elsewhere stands for what was counted here', () => {
  const { meter, values } = countingMeter();
  const ledger = new FrameLedger(meter);
  ledger.restate(A, { captured: 20, scored: 9, dropped: { too_old: 4 }, inFlight: 7 });
  ledger.restate(A, { captured: 10, scored: 3, dropped: { too_old: 4, invalid: 1 }, inFlight: 2 });
  expect(ledger.balance(A)).toMatchObject({
    captured: 10,
    scored: 3,
    droppedTotal: 5,
    inFlight: 2,
  });
  expect(Object.fromEntries(values)).toEqual({
    'patchwatch_frames_captured_total a': 10,
    'patchwatch_frames_scored_total a': 3,
    'patchwatch_frames_dropped_total a too_old': 4,
    'patchwatch_frames_dropped_total a invalid': 1,
    'patchwatch_frames_in_flight a': 2,
  });
});
