// What every event log must do, run over each adapter.
import { describe, expect, test } from 'vitest';

import type { Event } from '../../src/core/event.ts';
import { cameraId } from '../../src/core/ids.ts';
import type { EventLog } from '../../src/core/ports/event-log.ts';
import { anomaly, stepOf } from '../support/events.ts';

export interface EventLogStand extends AsyncDisposable {
  /** The log of a process that begins; those before it are gone, as after kill -9. */
  open(): Promise<EventLog>;
}

const idsOf = (entries: readonly { readonly event: Event }[]): readonly string[] =>
  entries.map(({ event }) => event.id);

const events = (count: number, from = 0): readonly Event[] =>
  Array.from({ length: count }, (_, index) => anomaly(`e${from + index}`));

const ofEachKind = (): readonly Event[] => [
  anomaly('a'),
  {
    kind: 'view',
    id: 'v',
    cameraId: cameraId('gate'),
    atMs: 5,
    phase: 'open',
    verdict: 'moved',
    reason: 'by 7 px',
  },
  {
    kind: 'camera',
    id: 'c',
    cameraId: cameraId('yard'),
    atMs: 6,
    state: 'down',
    reason: 'refused',
  },
  {
    kind: 'camera',
    id: 'd',
    cameraId: cameraId('yard'),
    atMs: 7,
    state: 'up',
    reason: undefined,
  },
];

export const eventLogSuite = (name: string, stand: () => Promise<EventLogStand>): void => {
  describe(name, () => {
    test('cursors are assigned once, without gaps, over restarts', async () => {
      await using here = await stand();
      const log = await here.open();
      const start = log.latest;
      const first = await log.append(stepOf(events(2)));
      const second = await log.append(stepOf(events(1, 2)));
      expect([...first, ...second].map(({ cursor }) => cursor - start)).toEqual([1, 2, 3]);

      const again = await here.open();
      expect(again.latest).toBe(start + 3);
      const [next] = await again.append(stepOf(events(1, 3)));
      expect(next?.cursor).toBe(start + 4);
      expect(idsOf(again.after(0, 10).entries)).toEqual(['e0', 'e1', 'e2', 'e3']);
    });

    test('steps that are appended at once keep the order of the calls', async () => {
      await using here = await stand();
      const log = await here.open();
      const told = await Promise.all(
        Array.from({ length: 20 }, (_, index) => log.append(stepOf(events(1, index)))),
      );
      const cursors = told.flat().map(({ cursor }) => cursor);
      expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
      expect(idsOf(log.after(0, 100).entries)).toEqual(idsOf(told.flat()));
    });

    test('every kind comes back as it was', async () => {
      await using here = await stand();
      const before = await here.open();
      const told = await before.append(stepOf(ofEachKind()));
      const after = await here.open();
      expect(after.after(0, 10).entries).toEqual(told);
    });

    test('pages begin after a cursor and end at the limit', async () => {
      await using here = await stand();
      const log = await here.open();
      const told = await log.append(stepOf(events(5)));
      const from = told[1]?.cursor ?? 0;
      expect(idsOf(log.after(from, 2).entries)).toEqual(['e2', 'e3']);
      expect(log.after(from, 2).isComplete).toBe(true);
      expect(log.after(log.latest, 2)).toEqual({ entries: [], isComplete: true });
      expect(log.after(0, 100).isComplete).toBe(true);
    });

    test('a cursor of another log, or of what is gone, is told', async () => {
      await using here = await stand();
      const log = await here.open();
      await log.append(stepOf(events(5)));
      expect(log.after(log.latest + 1, 10)).toEqual({ entries: [], isComplete: false });
      expect(log.after(17, 10).isComplete).toBe(false);
      expect(idsOf(log.after(17, 10).entries)).toHaveLength(5);
      await log.trim(2);
      expect(idsOf(log.after(0, 10).entries)).toEqual(['e3', 'e4']);
      expect(log.after(log.latest - 2, 10).isComplete).toBe(true);
      expect(log.after(log.latest - 3, 10).isComplete).toBe(false);
    });

    test('states come back with the events of their step', async () => {
      await using here = await stand();
      const before = await here.open();
      const state = (text: string) =>
        new Map([[cameraId('gate'), new Uint8Array(Buffer.from(text))]]);
      await before.append(stepOf(events(1), { states: state('one') }));
      await before.append(stepOf(events(1, 1), { states: state('two') }));
      const after = await here.open();
      const kept = after.states().get(cameraId('gate'));
      expect(Buffer.from(kept ?? []).toString()).toBe('two');
    });

    test('a consumer’s cursor is kept', async () => {
      await using here = await stand();
      const before = await here.open();
      const [, second] = await before.append(stepOf(events(3)));
      expect(before.cursorOf('store')).toBeUndefined();
      await before.saveCursor('store', second?.cursor ?? 0);
      const after = await here.open();
      expect(after.cursorOf('store')).toBe(second?.cursor);
      expect(idsOf(after.after(after.cursorOf('store') ?? 0, 10).entries)).toEqual(['e2']);
    });
  });
};
