// Tells a gateway how segments ended, from a stream in Redis that forgets only what was acknowledged. The
// stream's group has one consumer: what it had been given before it died, it is given again first.
import { toError } from '../core/errors.ts';
import type { OutcomeListener } from '../core/ports/frame-queue.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { OutcomeFeed } from '../core/ports/outcome-feed.ts';
import { untilAborted } from '../core/until-aborted.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisClient } from './redis-options.ts';
import { decodeFacts, decodeOutcome } from './segment-codec.ts';

const GROUP = 'gateway';
const CONSUMER = 'gateway';
const BLOCK_MS = 2_000;
const BATCH = 64;
const PAUSE_MS = 250;

export interface RedisOutcomesOptions {
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Entry {
  readonly id: string;
  readonly fields: ReadonlyMap<string, Buffer>;
}

type Reply = readonly (readonly [
  Buffer,
  readonly (readonly [Buffer, readonly Buffer[] | null])[],
])[];

const entriesOf = (reply: Reply | null): readonly Entry[] =>
  (reply?.[0]?.[1] ?? []).map(([id, values]) => {
    const fields = new Map<string, Buffer>();
    values?.forEach((value, index) => {
      if (index % 2 === 1) fields.set(String(values[index - 1]), value);
    });
    return { id: id.toString(), fields };
  });

/** Ids are two numbers; those of a stream only grow. */
const isAfter = (id: string, other: string): boolean => {
  const [ms = 0, count = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && count > otherCount);
};

export class RedisOutcomes implements OutcomeFeed {
  readonly #options: RedisOutcomesOptions;
  /** Told in this process already: it is only acknowledged again. */
  #lastTold = '0-0';

  constructor(options: RedisOutcomesOptions) {
    this.#options = options;
  }

  /** Rejects only with what the listener throws; waits while Redis is away. */
  async run(listener: OutcomeListener, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const reader = this.#options.link.duplicate();
      const stop = (): void => {
        reader.disconnect();
      };
      signal.addEventListener('abort', stop, { once: true });
      try {
        await this.#read(reader, listener, signal);
      } finally {
        signal.removeEventListener('abort', stop);
        reader.disconnect();
      }
    }
  }

  /** Until the connection breaks: then whatever was on its way is pending, and is read again first. */
  async #read(reader: RedisClient, listener: OutcomeListener, signal: AbortSignal): Promise<void> {
    const broken = new Promise<never>((_resolve, reject) => {
      reader.on('close', () => {
        reject(new Error('the connection broke'));
      });
    });
    broken.catch(() => undefined);
    const isOver = (): boolean => signal.aborted;
    let from = '0';
    while (!isOver()) {
      let entries: readonly Entry[];
      try {
        if (from === '0') await Promise.race([this.#createGroup(reader), broken]);
        entries = await Promise.race([this.#next(reader, from), broken]);
      } catch (error) {
        if (isOver()) return;
        const reason = toError(error).message;
        this.#options.logger.debug('outcomes can’t be read: trying again', { reason });
        await Promise.race([this.#options.clock.sleep(PAUSE_MS), untilAborted(signal)]);
        return;
      }
      if (entries.length === 0) from = '>';
      for (const entry of entries) this.#tell(entry, listener);
      await this.#acknowledge(entries);
    }
  }

  #tell({ id, fields }: Entry, listener: OutcomeListener): void {
    if (!isAfter(id, this.#lastTold)) return;
    const facts = fields.get('facts');
    const header = fields.get('outcome');
    // Nothing of ours: it is acknowledged, so that it is not in the way.
    if (facts !== undefined && header !== undefined) {
      const segment = decodeFacts(facts);
      listener(segment, decodeOutcome(segment, header, fields.get('maps')));
    }
    this.#lastTold = id;
  }

  async #createGroup(reader: RedisClient): Promise<void> {
    await reader.xgroup('CREATE', this.#stream, GROUP, '0', 'MKSTREAM').catch((error: unknown) => {
      if (!toError(error).message.startsWith('BUSYGROUP')) throw error;
    });
  }

  async #next(reader: RedisClient, from: string): Promise<readonly Entry[]> {
    const group = ['GROUP', GROUP, CONSUMER] as const;
    const streams = ['STREAMS', this.#stream, from] as const;
    const how = ['COUNT', BATCH, 'BLOCK', BLOCK_MS] as const;
    return entriesOf(
      (await reader.callBuffer('XREADGROUP', ...group, ...how, ...streams)) as Reply | null,
    );
  }

  /** What was told is forgotten; the stream is cut behind it. */
  async #acknowledge(entries: readonly Entry[]): Promise<void> {
    const last = entries.at(-1);
    if (last === undefined) return;
    const [ms = '0', count = '0'] = last.id.split('-');
    const { commands } = this.#options.link;
    try {
      await Promise.all([
        commands.xack(this.#stream, GROUP, ...entries.map(({ id }) => id)),
        commands.xtrim(this.#stream, 'MINID', `${ms}-${BigInt(count) + 1n}`),
      ]);
    } catch (error) {
      const reason = toError(error).message;
      this.#options.logger.debug('outcomes were not acknowledged', { reason });
    }
  }

  get #stream(): string {
    return `${this.#options.link.prefix}:outcomes`;
  }
}
