// Gateways that die at any moment, outcomes in any order, some of them twice: every alert is told once all the same.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { systemClock } from '../../../src/process/system-clock.ts';
import type { Alert } from '../../../src/core/alert.ts';
import { isAlert, type LoggedEvent } from '../../../src/core/event.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import type { SegmentScore } from '../../../src/core/segment-score.ts';
import { EventFanOut } from '../../../src/events/event-fan-out.ts';
import { EventSink } from '../../../src/events/event-sink.ts';
import { RedisEventLog } from '../../../src/events/redis-event-log.ts';
import { OutcomeDesk } from '../../../src/reading/outcome-desk.ts';
import { ScoreReader } from '../../../src/reading/score-reader.ts';
import { RedisJournal } from '../../../src/redis/redis-journal.ts';
import type { RedisSettings } from '../../../src/redis/redis-settings.ts';
import { QueueProcess, segmentOf } from '../../support/queue-process.ts';
import { readersOf } from '../../support/readers-of.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const GATE = cameraId('gate');
const FRAMES = 5;
const START_MS = Date.now();

/** Five frames of one cell each, 200 ms apart; every third group of segments is unusual. */
const scoreAt = (index: number): SegmentScore => ({
  segmentId: `gate-run-${index * FRAMES}`,
  cameraId: GATE,
  sceneId: sceneId('default'),
  stamps: Array.from({ length: FRAMES }, (_, frame) => ({
    sequence: index * FRAMES + frame,
    capturedAtMs: START_MS + (index * FRAMES + frame) * 200,
    mediaTimeMs: (index * FRAMES + frame) * 200,
  })),
  side: 1,
  maps: new Float32Array(FRAMES).fill(index % 6 < 2 ? 9 + (index % 5) : 1),
  modelVersion: 'v1',
  threshold: 5,
});

const readerFor = (onAlert: (alert: Alert) => void): ScoreReader =>
  new ScoreReader({
    cameraId: GATE,
    smoothing: 0.5,
    threshold: undefined,
    ignore: [],
    policy: { hysteresis: 0.9, minDurationMs: 400, cooldownMs: 1_000, updateIntervalMs: 500 },
    gapMs: 2_000,
    onFrame: () => undefined,
    onAlert,
  });

const alertsOf = (entries: readonly LoggedEvent[]): readonly Alert[] =>
  entries.flatMap(({ event }) => (isAlert(event) ? event : []));

const undisturbed = (count: number): readonly Alert[] => {
  const alerts: Alert[] = [];
  const reader = readerFor((alert) => alerts.push(alert));
  for (let index = 0; index < count; index++) reader.read(scoreAt(index));
  return alerts;
};

/** A gateway's end, with connections of its own. */
class Gateway {
  readonly announced: Alert[] = [];
  readonly log: RedisEventLog;
  readonly #process: QueueProcess;
  readonly #stop = new AbortController();
  readonly #desk: OutcomeDesk;
  readonly #sink: EventSink;
  readonly #fanOut: EventFanOut;
  readonly #journal: RedisJournal;
  #running: Promise<unknown> = Promise.resolve();
  isReplaced = false;

  private constructor(process: QueueProcess) {
    this.#process = process;
    const common = { clock: systemClock, logger: silentLogger, meter: silentMeter };
    const reader = readerFor((alert) => {
      this.#sink.emit(alert);
    });
    this.#journal = new RedisJournal({
      link: process.link,
      token: randomUUID(),
      keptEvents: 1_000,
      clock: systemClock,
    });
    this.log = new RedisEventLog({ journal: this.#journal, clock: systemClock });
    this.#desk = new OutcomeDesk({
      cameras: [GATE],
      readers: readersOf(reader),
      maxFrames: 64,
      maxWaitMs: 5_000,
      onStateRefused: () => undefined,
      clock: systemClock,
      logger: silentLogger,
    });
    this.#fanOut = new EventFanOut({
      log: this.log,
      consumers: [
        {
          name: 'announced',
          isDurable: false,
          consume: (entries) => {
            this.announced.push(...alertsOf(entries));
          },
        },
      ],
      ...common,
    });
    this.#sink = new EventSink({
      log: this.log,
      progress: (events) => this.#desk.takeProgress(events),
      onAppended: () => {
        this.#fanOut.wake();
      },
      onReplaced: () => (this.isReplaced = true),
      ...common,
    });
  }

  static async start(settings: RedisSettings): Promise<Gateway> {
    const gateway = new Gateway(await QueueProcess.start({ settings }));
    await gateway.#journal.own(gateway.#stop.signal, () => undefined);
    await gateway.log.open();
    gateway.#desk.restore(gateway.log.states());
    gateway.#fanOut.start();
    gateway.#running = Promise.all([
      gateway.#sink.run(gateway.#stop.signal),
      gateway.#process.outcomes.run((segment, outcome, id) => {
        gateway.#desk.tell(segment, outcome, id);
      }, gateway.#stop.signal),
    ]);
    return gateway;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#fanOut.stop();
    await this.#journal.release();
    await this.#process[Symbol.asyncDispose]();
  }

  /** Nothing more reaches Redis, whatever was on its way. */
  async die(): Promise<void> {
    await this.#process.die();
    this.#stop.abort();
    await this.#running;
    await this.#fanOut.stop();
  }
}

describe.skipIf(!hasRedis)('alerts of gateways that die', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  /** Scores segments `first` to `end`, taken together and settled in another order. */
  const scoreSome = async (worker: QueueProcess, first: number, end: number): Promise<void> => {
    for (let index = first; index < end; index++) {
      const segment = segmentOf('gate', index * FRAMES, { frameCount: FRAMES });
      await worker.queue.offer({ ...segment, stamps: scoreAt(index).stamps });
    }
    const leases = await worker.take((end - first) * FRAMES);
    expect(leases.length).toBe(end - first);
    const order = leases.toSorted((a, b) => (a.segment.id < b.segment.id ? 1 : -1));
    for (const lease of order) {
      const index = (lease.segment.stamps[0]?.sequence ?? 0) / FRAMES;
      await lease.settle({ kind: 'scored', score: scoreAt(index) });
    }
  };

  const logged = async (settings: RedisSettings): Promise<readonly Alert[]> => {
    await using reader = await QueueProcess.start({ settings });
    const log = new RedisEventLog({
      journal: reader.journal,
      clock: systemClock,
    });
    await log.open();
    return alertsOf(log.after(0, Infinity).entries);
  };

  test('are told once each, as if nothing had happened', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    const announced: Alert[] = [];
    let scored = 0;
    for (const [round, size] of [3, 1, 4, 1, 5, 9, 2, 6].entries()) {
      const gateway = await Gateway.start(settings);
      await scoreSome(worker, scored, scored + size);
      scored += size;
      // Some die over what they were told, others when most of it is safe.
      if (round % 2 === 1) {
        const { commands, prefix } = worker.link;
        const isSafe = async (): Promise<boolean> =>
          (await commands.xlen(`${prefix}:outcomes`)) === 0;
        await waitUntil(isSafe, 10_000, 'outcomes to be safe');
      }
      await gateway.die();
      announced.push(...gateway.announced);
    }
    const last = await Gateway.start(settings);
    const expected = undisturbed(scored);
    await waitUntil(
      async () => (await logged(settings)).length >= expected.length,
      10_000,
      'all alerts',
    );
    await last.stop();
    announced.push(...last.announced);
    expect(expected.filter(({ phase }) => phase === 'close').length).toBeGreaterThan(2);
    expect(await logged(settings)).toEqual(expected);
    // What a gateway told its clients before it died is in the log that they resume from.
    const places = announced.map((alert) =>
      expected.findIndex((other) => JSON.stringify(other) === JSON.stringify(alert)),
    );
    expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  test('cursors go on over gateways', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    const first = await Gateway.start(settings);
    await scoreSome(worker, 0, 3);
    await waitUntil(() => first.announced.length > 0, 10_000, 'an alert');
    const { latest } = first.log;
    await first.stop();
    const second = await Gateway.start(settings);
    expect(second.log.latest).toBe(latest);
    expect(alertsOf(second.log.after(0, Infinity).entries)).toEqual(first.announced);
    await second.stop();
  });

  test('a second gateway waits for the end of the first', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    const first = await Gateway.start(settings);
    let isSecondUp = false;
    const starting = Gateway.start(settings).then((gateway) => {
      isSecondUp = true;
      return gateway;
    });
    await scoreSome(worker, 0, 3);
    await waitUntil(() => first.announced.length > 0, 10_000, 'an alert of the first');
    expect(isSecondUp).toBe(false);
    await first.stop();
    const second = await starting;
    expect(second.announced).toEqual([]);
    await second.stop();
  });

  test('a gateway that another took over from tells nothing more', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    const gateway = await Gateway.start(settings);
    await worker.link.commands.set(`${worker.link.prefix}:gateway:owner`, 'another', 'PX', 4_000);
    await scoreSome(worker, 0, 3);
    await waitUntil(() => gateway.isReplaced, 10_000, 'the gateway to notice');
    await gateway.stop();
    expect(gateway.announced).toEqual([]);
    expect(await logged(settings)).toEqual([]);
  });
});
