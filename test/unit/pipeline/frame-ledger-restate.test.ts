// What is restated stands for all that was counted before, also for what is not named any more.
import { expect, test } from 'vitest';

import { cameraId } from '../../../src/core/ids.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { FrameLedger } from '../../../src/queue/frame-ledger.ts';

test('accounts that began anew leave nothing of the old ones', () => {
  const drops: (readonly [unknown, number])[] = [];
  const ledger = new FrameLedger({
    ...silentMeter,
    restate: (name, labels, total) => {
      if (name === 'patchwatch_frames_dropped_total') drops.push([labels, total]);
    },
  });
  const gate = cameraId('gate');
  ledger.restate(gate, { captured: 10, scored: 8, dropped: { too_old: 2 }, inFlight: 0 });
  ledger.restate(gate, { captured: 86, scored: 86, dropped: {}, inFlight: 0 });
  expect(ledger.balance(gate)).toMatchObject({ captured: 86, droppedTotal: 0, inFlight: 0 });
  expect(drops.at(-1)).toEqual([{ camera: 'gate', reason: 'too_old' }, 0]);
});
