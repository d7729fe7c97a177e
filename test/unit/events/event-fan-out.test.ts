// Consumers of the log: told everything once, in order, and never in each other's way.
import { describe, expect, test } from 'vitest';

import type { EventConsumer } from '../../../src/core/ports/event-consumer.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter, type Meter } from '../../../src/core/ports/meter.ts';
import { EventFanOut } from '../../../src/events/event-fan-out.ts';
import { anomaly, stepOf } from '../../support/events.ts';
import { PlainEventLog } from '../../support/plain-event-log.ts';
import { SimClock } from '../../support/sim-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';

const listener = (
  name: string,
  before: () => void | Promise<void> = () => undefined,
  isDurable = false,
): EventConsumer & { readonly told: string[]; calls: number } => {
  const told: string[] = [];
  return {
    name,
    isDurable,
    told,
    calls: 0,
    async consume(entries) {
      this.calls += 1;
      await before();
      told.push(...entries.map(({ event }) => event.id));
    },
  };
};

const counter = (): Meter & { readonly counts: Map<string, number> } => {
  const counts = new Map<string, number>();
  return {
    ...silentMeter,
    counts,
    add: (name, labels, by = 1) => {
      const key = `${name} ${Object.values(labels).join(' ')}`;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    set: (name, labels, value) => {
      counts.set(`${name} ${Object.values(labels).join(' ')}`, value);
    },
  };
};

const stand = (consumers: readonly EventConsumer[], log = new PlainEventLog()) => {
  const clock = new SimClock();
  const meter = counter();
  const fanOut = new EventFanOut({ log, consumers, clock, logger: silentLogger, meter });
  const tell = async (...ids: string[]): Promise<void> => {
    await log.append(stepOf(ids.map((id) => anomaly(id))));
    fanOut.wake();
  };
  return { log, clock, meter, fanOut, tell };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('event fan-out', () => {
  test('each consumer is told everything that comes, once and in order', async () => {
    const one = listener('one');
    const two = listener('two');
    const { log, fanOut, tell } = stand([one, two]);
    await log.append(stepOf([anomaly('before the start')]));
    fanOut.start();
    await tell('a', 'b');
    await tell('c');
    await settled();
    await tell('d');
    await settled();
    expect(one.told).toEqual(['a', 'b', 'c', 'd']);
    expect(two.told).toEqual(one.told);
    await fanOut.stop();
  });

  test('one that fails is told again later, and delays nobody', async () => {
    let failures = 2;
    const good = listener('good');
    const bad = listener('bad', () => {
      if (failures-- > 0) throw new Error('not now');
    });
    const { clock, meter, fanOut, tell } = stand([good, bad]);
    fanOut.start();
    await tell('a');
    await settled();
    expect(good.told).toEqual(['a']);
    await tell('b');
    await settled();
    expect(bad.told).toEqual([]);
    expect(bad.calls).toBe(1); // new events don’t shorten the pause
    fanOut.measure();
    expect(meter.counts.get('patchwatch_event_consumer_lag bad')).toBe(2);
    await clock.advance(1_000);
    expect(bad.calls).toBe(2);
    await clock.advance(2_000);
    expect(bad.told).toEqual(['a', 'b']);
    expect(meter.counts.get('patchwatch_event_consumer_failures_total bad')).toBe(2);
    await fanOut.stop();
  });

  test('one that hangs keeps its one page; when it comes back it is told the rest', async () => {
    let release = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      release = resolve;
    });
    const good = listener('good');
    const bad = listener('bad', () => hung);
    const { clock, meter, fanOut, tell } = stand([good, bad]);
    fanOut.start();
    for (let minute = 0; minute < 3; minute++) {
      await tell(`event ${minute}`);
      await clock.advance(60_000);
    }
    expect(good.told).toHaveLength(3);
    expect(bad.calls).toBe(1);
    expect(meter.counts.get('patchwatch_event_consumer_failures_total bad')).toBe(1);
    release();
    await waitUntil(() => bad.told.length === 3, 1_000, 'the rest to be told');
    expect(bad.told).toEqual(good.told);
    await fanOut.stop();
  });

  test('stopping tells what is in the log, and does not wait for one that hangs', async () => {
    const good = listener('good');
    const bad = listener('bad', () => new Promise(() => undefined));
    const { log, clock, fanOut } = stand([good, bad]);
    fanOut.start();
    await log.append(stepOf([anomaly('last')]));
    const stopped = fanOut.stop();
    await clock.advance(2_000);
    await stopped;
    expect(good.told).toEqual(['last']);
  });

  test('a durable one goes on where it stood; what was given up meanwhile is counted', async () => {
    const log = new PlainEventLog();
    const first = listener('store', undefined, true);
    const before = stand([first], log);
    before.fanOut.start();
    await before.tell('a');
    await before.fanOut.stop();

    await log.append(stepOf(['b', 'c', 'd'].map((id) => anomaly(id))));
    await log.trim(2);
    const second = listener('store', undefined, true);
    const after = stand([second], log);
    after.fanOut.start();
    await settled();
    expect(second.told).toEqual(['c', 'd']);
    expect(after.meter.counts.get('patchwatch_event_consumer_skipped_total store')).toBe(1);
    await after.fanOut.stop();
  });
});
