// A Redis into which somebody else writes: whatever is put where we read, ingest, worker and gateway go on, soon.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { OutcomeDesk } from '../../../src/reading/outcome-desk.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { cameraId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { ScoreReader } from '../../../src/reading/score-reader.ts';
import { KEY_TYPES, RedisAudit } from '../../../src/redis/redis-audit.ts';
import { RedisFrames } from '../../../src/redis/redis-frames.ts';
import { RedisJournal } from '../../../src/redis/redis-journal.ts';
import { RedisModels } from '../../../src/redis/redis-models.ts';
import type { RedisClient } from '../../../src/redis/redis-options.ts';
import { RedisPresence, type MemberFacts } from '../../../src/redis/redis-presence.ts';
import { beginRun } from '../../../src/redis/redis-runs.ts';
import type { RedisSettings } from '../../../src/redis/redis-settings.ts';
import { encodeFacts } from '../../../src/redis/segment-codec.ts';
import { EventSink } from '../../../src/events/event-sink.ts';
import { RedisEventLog } from '../../../src/events/redis-event-log.ts';
import { accountedFor, QueueProcess, scoreOf, segmentOf } from '../../support/queue-process.ts';
import { readersOf } from '../../support/readers-of.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const A = cameraId('a');
const WORKER: MemberFacts = {
  ...{ role: 'worker', isReady: true, engine: 'onnx', batchFrames: 16 },
  scenes: [],
};

/** Values that are not what belongs into a field. */
const VALUES: readonly (string | Buffer)[] = [
  ...['', '\0', 'NaN', 'inf', '-1', '1.5', '1e308', '99999999999999999999', '../../..'],
  ...['{', '[]', '{}', 'null', '{"format":99}', '{"cameraId":"../../.."}'],
  'x'.repeat(3_000_000),
  Buffer.from([0xff, 0xfe, 0, 1, 2]),
];

const SCORES = ['-inf', '+inf', '1e300', '-1'];

type Poison = (client: RedisClient, key: string) => Promise<unknown>;

/** Of a few installations' time: each poison is withstood before the next one comes. */
const ROUNDS = [0, 1, 2, 3];
const STRINGS = ['', 'NaN', '-1', '1e308', '../../..', 'x'.repeat(3_000_000)];

const ofType: Readonly<Record<string, readonly Poison[]>> = {
  string: STRINGS.map((value) => (client, key) => client.set(key, value)),
  // Another value in each field in every round, and each value under a field that it is itself.
  hash: ROUNDS.map((round) => async (client, key) => {
    for (const [index, field] of (await client.hkeys(key)).entries())
      await client.hset(key, field, VALUES[(index + 5 * round) % VALUES.length] ?? '');
    for (const value of VALUES) await client.hset(key, value, value);
  }),
  set: [(client, key) => client.sadd(key, ...VALUES)],
  zset: SCORES.map((score) => async (client, key) => {
    for (const member of await client.zrange(key, 0, -1)) await client.zadd(key, score, member);
    for (const value of VALUES) await client.zadd(key, score, value);
  }),
  list: [(client, key) => client.lpush(key, ...VALUES)],
  stream: [
    (client, key) => client.xadd(key, '*', 'x', 'y'),
    async (client, key) => {
      for (const value of VALUES)
        await client.xadd(key, '*', 'facts', value, 'outcome', value, 'maps', value);
    },
    // Nothing can be added after it.
    (client, key) => client.xadd(key, '18446744073709551615-18446744073709551615', 'x', 'y'),
  ],
};

const wrongType: readonly Poison[] = [
  async (client, key) => {
    await client.del(key);
    await client.set(key, 'x');
  },
  async (client, key) => {
    await client.del(key);
    await client.rpush(key, 'x');
  },
];

/** Keys that are a camera's, a segment's or a turn's. */
const OWN_KEYS = {
  'camera:a': 'hash',
  'line:a': 'zset',
  'recent:a': 'list',
  'frames:a': 'hash',
} as const;

/** Ingest, worker and gateway around one namespace, as the daemon puts them together. */
class Stand implements AsyncDisposable {
  readonly process: QueueProcess;
  readonly #audit: RedisAudit;
  readonly #stop = new AbortController();
  readonly #presence: RedisPresence;
  readonly read: number[] = [];
  #next = 0;
  readonly #journal: RedisJournal;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(process: QueueProcess) {
    this.process = process;
    this.#journal = new RedisJournal({
      ...{ link: process.link, token: randomUUID(), keptEvents: 100, clock: systemClock },
    });
    this.#audit = new RedisAudit({ link: process.link });
    this.#presence = new RedisPresence({ link: process.link });
  }

  static async start(settings: RedisSettings): Promise<Stand> {
    const stand = new Stand(
      await QueueProcess.start({ settings, maxFrameAgeMs: 5_000, maxFrames: 200 }),
    );
    await stand.#start();
    return stand;
  }

  async #start(): Promise<void> {
    const { outcomes } = this.process;
    const journal = this.#journal;
    await this.#audit.runFirst();
    const log = new RedisEventLog({ journal, clock: systemClock });
    const reader = new ScoreReader({
      ...{ cameraId: A, smoothing: 1, threshold: 1e9, ignore: [], gapMs: 2_000 },
      policy: { hysteresis: 1, minDurationMs: 0, cooldownMs: 0, updateIntervalMs: 0 },
      onFrame: ({ stamp }) => this.read.push(stamp.sequence),
      onAlert: () => undefined,
    });
    const desk = new OutcomeDesk({
      cameras: [A],
      readers: readersOf(reader),
      ...{ maxFrames: 64, maxWaitMs: 100 },
      onStateRefused: (camera, bytes) => {
        journal.refuseState(camera, bytes);
      },
      clock: systemClock,
      logger: silentLogger,
    });
    const sink = new EventSink({
      log,
      progress: (events) => desk.takeProgress(events),
      onAppended: () => undefined,
      onReplaced: () => undefined,
      ...{ clock: systemClock, logger: silentLogger, meter: silentMeter },
    });
    const { signal } = this.#stop;
    await journal.own(signal, () => undefined);
    await log.open();
    desk.restore(log.states());
    this.#running = Promise.all([
      sink.run(signal),
      this.#look(desk, signal),
      outcomes.run((segment, outcome, id) => {
        desk.tell(segment, outcome, id);
      }, signal),
      this.#work(signal),
    ]);
  }

  async #look(desk: OutcomeDesk, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      desk.look();
      await systemClock.sleep(50, signal).catch(() => undefined);
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const leases = await this.process.queue.take(8, signal);
      if (leases.length === 0) return;
      for (const lease of leases) await lease.settle(scoreOf(lease.segment));
    }
  }

  /** What the daemon's clocks do, now; then frames go the whole way, and the accounts add up. */
  async expectGoingOn(): Promise<void> {
    const { link, queue, ledger } = this.process;
    const seen = this.read.length;
    await waitUntil(
      async () => {
        await this.#audit.runFirst().catch(() => undefined);
        await queue.offer(segmentOf('a', this.#next++));
        return this.read.length > seen;
      },
      15_000,
      'a frame to be read',
    );
    expect(link.isUp).toBe(true);
    await this.#audit.runFirst();
    const account = (await ledger.read()).get(A);
    expect(accountedFor(account)).toBe(account?.captured);
    await this.#presence.beat('worker-1', WORKER);
    await waitUntil(
      async () => JSON.stringify(await this.#presence.members()) === JSON.stringify([WORKER]),
      5_000,
      'who is there',
    );
    const frames = new RedisFrames({ link });
    await frames.look(A);
    await frames.wanted();
    await new RedisModels({ link }).versions();
    expect(Number.isSafeInteger(await beginRun(link))).toBe(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#journal.release();
    await this.process[Symbol.asyncDispose]();
  }
}

describe.skipIf(!hasRedis)('a poisoned Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  /** One after the other into one installation that works; then another gateway begins upon what is left. */
  const withstand = async (key: string, poisons: readonly Poison[]): Promise<void> => {
    const settings = server.settings(randomUUID());
    {
      await using stand = await Stand.start(settings);
      await stand.expectGoingOn();
      const { commands, prefix } = stand.process.link;
      for (const poison of poisons) {
        // What the key can't take, such as a member that is no number, is no poison.
        await poison(commands, `${prefix}:${key}`).catch(() => undefined);
        await stand.expectGoingOn();
      }
    }
    await using after = await Stand.start(settings);
    await after.expectGoingOn();
  };

  const keys = Object.entries({ ...KEY_TYPES, ...OWN_KEYS });
  test.each(keys)('%s (%s)', { timeout: 20_000 }, async (key, type) => {
    await withstand(key, [...(ofType[type] ?? []), ...wrongType]);
  });

  test('a segment’s facts', { timeout: 20_000 }, async () => {
    const settings = server.settings(randomUUID());
    await using ingest = await QueueProcess.start({ settings });
    const { commands, prefix } = ingest.link;
    const fields = ['facts', 'frames', 'camera', 'attempt', 'captured', 'position', 'bytes'];
    let number = 1_000;
    for (const field of fields) {
      for (const value of VALUES) {
        const segment = segmentOf('b', number++);
        await ingest.queue.offer(segment);
        await commands.hset(`${prefix}:segment:${segment.id}`, field, value);
      }
    }
    for (const type of wrongType) {
      for (const kind of ['segment', 'pixels']) {
        const segment = segmentOf('b', number++);
        await ingest.queue.offer(segment);
        await type(commands, `${prefix}:${kind}:${segment.id}`);
      }
    }
    await using stand = await Stand.start(settings);
    await stand.expectGoingOn();
    const account = await stand.process.account('b');
    expect(accountedFor(account)).toBe(account?.captured);
  });

  test('a state of a gateway, read by the next', { timeout: 20_000 }, async () => {
    const settings = server.settings(randomUUID());
    for (const value of STRINGS) {
      await using stand = await Stand.start(settings);
      await stand.expectGoingOn();
      const { commands, prefix } = stand.process.link;
      await commands.hset(`${prefix}:gateway:states`, 'a', value, '../..', value);
    }
    await using stand = await Stand.start(settings);
    await stand.expectGoingOn();
  });

  test('a sequence from the future does not silence its camera for ever', async () => {
    await using stand = await Stand.start(server.settings(randomUUID()));
    await stand.expectGoingOn();
    const { commands, prefix } = stand.process.link;
    const future = segmentOf('a', 2 ** 51);
    const outcome = JSON.stringify({ kind: 'scored', side: 1, modelVersion: 'v', threshold: 1 });
    const fields = ['facts', encodeFacts(future), 'outcome', outcome, 'maps', Buffer.alloc(4)];
    await commands.xadd(`${prefix}:outcomes`, '*', ...fields);
    await waitUntil(() => stand.read.includes(2 ** 51), 5_000, 'it to be read');
    await stand.expectGoingOn();
  });

  test('what is set aside can be looked at, and is bounded', async () => {
    await using process = await QueueProcess.start({ settings: server.settings(randomUUID()) });
    const { link } = process;
    const presence = new RedisPresence({ link });
    for (let index = 0; index < 150; index++) {
      await link.commands.zadd(`${link.prefix}:presence:until`, Date.now() + 3_000, `p${index}`);
      await link.commands.hset(`${link.prefix}:presence:facts`, `p${index}`, 'x'.repeat(9_000));
    }
    expect(await presence.members()).toEqual([]);
    const kept = `${link.prefix}:quarantine`;
    await waitUntil(async () => (await link.commands.xlen(kept)) >= 100, 5_000, 'the entries');
    expect(await link.commands.xlen(kept)).toBe(100);
    const [[, entry]] = (await link.commands.xrange(kept, '-', '+', 'COUNT', 1)) as [
      [string, string[]],
    ];
    expect(entry[1]).toBe('presence');
    expect(entry[7]).toHaveLength(4_096);
  });
});
