// Tells a gateway how segments ended, from a stream in Redis that forgets only what was acknowledged, which whoever
// listens does (redis-journal.ts). The stream's group has one consumer: what it had been given and did not
// acknowledge before it died, it is given again first.
import { orAborted } from '../core/deferred.ts';
import { toError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { OutcomeFeed, ToldListener } from '../core/ports/outcome-feed.ts';
import { OUTCOME_GROUP, outcomeStream } from './outcome-stream.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisClient } from './redis-options.ts';
import { decodeFacts, decodeOutcome } from './segment-codec.ts';

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
  /** Told in this process already. */
  #lastTold = '0-0';

  constructor(options: RedisOutcomesOptions) {
    this.#options = options;
  }

  /** Rejects only with what the listener throws; waits while Redis is away. */
  async run(listener: ToldListener, signal: AbortSignal): Promise<void> {
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
  async #read(reader: RedisClient, listener: ToldListener, signal: AbortSignal): Promise<void> {
    // A signal: a promise that lives as long as the connection would keep all that was read over it.
    const broken = new AbortController();
    reader.on('close', () => {
      broken.abort(new Error('the connection broke'));
    });
    const isOver = (): boolean => signal.aborted;
    let from = '0';
    while (!isOver()) {
      let entries: readonly Entry[];
      try {
        if (from === '0') await orAborted(this.#createGroup(reader), broken.signal);
        entries = await orAborted(this.#next(reader, from), broken.signal);
      } catch (error) {
        if (isOver()) return;
        const reason = toError(error).message;
        this.#options.logger.debug('outcomes can’t be read: trying again', { reason });
        await this.#options.clock.sleep(PAUSE_MS, signal).catch(() => undefined);
        return;
      }
      for (const entry of entries) this.#tell(entry, listener);
      // First what is pending, page by page; then what is new.
      if (from !== '>') from = entries.at(-1)?.id ?? '>';
    }
  }

  #tell({ id, fields }: Entry, listener: ToldListener): void {
    if (!isAfter(id, this.#lastTold)) return;
    const facts = fields.get('facts');
    const header = fields.get('outcome');
    this.#lastTold = id;
    // Pending, and cut off from the stream meanwhile: there is nothing left to tell.
    if (facts === undefined || header === undefined) return;
    const segment = decodeFacts(facts);
    listener(segment, decodeOutcome(segment, header, fields.get('maps')), id);
  }

  async #createGroup(reader: RedisClient): Promise<void> {
    await reader
      .xgroup('CREATE', this.#stream, OUTCOME_GROUP, '0', 'MKSTREAM')
      .catch((error: unknown) => {
        if (!toError(error).message.startsWith('BUSYGROUP')) throw error;
      });
  }

  async #next(reader: RedisClient, from: string): Promise<readonly Entry[]> {
    const group = ['GROUP', OUTCOME_GROUP, CONSUMER] as const;
    const streams = ['STREAMS', this.#stream, from] as const;
    const how = ['COUNT', BATCH, 'BLOCK', BLOCK_MS] as const;
    return entriesOf(
      (await reader.callBuffer('XREADGROUP', ...group, ...how, ...streams)) as Reply | null,
    );
  }

  get #stream(): string {
    return outcomeStream(this.#options.link);
  }
}
