// What a gateway must remember over its own end: how far it read each camera, what it knew of it, the events it
// told, and that it is the one gateway. All of it changes in one step with the acknowledgement of the outcomes that
// it came from: so whatever is read again after a crash leads to the same events, and none was told that is forgotten.
import { parseCameraId, type CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { RedisLink } from './redis-link.ts';
import { OUTCOME_GROUP, outcomeStream } from './outcome-stream.ts';
import { runsKey } from './redis-runs.ts';
import { RedisScript } from './redis-script.ts';

/** A gateway that said nothing for this long may be replaced. */
const OWNER_EXPIRES_MS = 4_000;
const OWNER_POLL_MS = 500;

export interface JournalEntry {
  /** State of each camera that changed, opaque. */
  readonly states: ReadonlyMap<CameraId, Uint8Array>;
  /** In the order of their cursors, opaque. */
  readonly events: readonly { readonly cursor: number; readonly text: string }[];
  /** Ids of the outcomes that are now done with. */
  readonly done: readonly string[];
  /** Runs of capture seen: one that begins now is numbered above them, also when Redis lost its memory. */
  readonly runCount: number;
}

export interface RedisJournalOptions {
  readonly link: RedisLink;
  /** Names this gateway, not one before or beside it. */
  readonly token: string;
  readonly keptEvents: number;
  readonly clock: Clock;
}

const NOTHING: JournalEntry = { states: new Map(), events: [], done: [], runCount: 0 };

/** Bounded by the number of cameras and events kept, so it may go on when memory is short: it is what frees some. */
const COMMIT = new RedisScript('commit');

const RELEASE = new RedisScript('release');

export class RedisJournal {
  readonly #options: RedisJournalOptions;

  constructor(options: RedisJournalOptions) {
    this.#options = options;
  }

  /** Resolves when this gateway is the one; waits while another lives, or Redis is away. Rejects when the signal aborts. */
  async own(signal: AbortSignal, onWait: () => void): Promise<void> {
    const isOwn = (): Promise<boolean> => this.commit(NOTHING).catch(() => false);
    for (let isFirst = true; !(await isOwn()); isFirst = false) {
      if (isFirst) onWait();
      await this.#options.clock.sleep(OWNER_POLL_MS, signal);
    }
  }

  /** Also says that the gateway lives; done twice, it changes nothing more. False when another one took over. */
  async commit({ states, events, done, runCount }: JournalEntry): Promise<boolean> {
    const { link, token, keptEvents } = this.#options;
    const { owner, kept, log } = this.#keys();
    const answer = await COMMIT.run(
      link,
      [owner, kept, log, outcomeStream(link), runsKey(link)],
      [
        token,
        OWNER_EXPIRES_MS,
        OUTCOME_GROUP,
        keptEvents,
        states.size,
        events.length,
        done.length,
        runCount,
        ...[...states].flat(),
        ...events.flatMap(({ cursor, text }) => [cursor, text]),
        ...done,
      ],
    );
    return answer === 1;
  }

  async states(): Promise<ReadonlyMap<CameraId, Uint8Array>> {
    const { link } = this.#options;
    const fields = await link.ask(() => link.commands.hgetallBuffer(this.#keys().kept));
    const states = new Map<CameraId, Uint8Array>();
    for (const [field, bytes] of Object.entries(fields)) {
      const camera = parseCameraId(field);
      if (camera === undefined) this.#setStateAside(field, bytes, 'its field is no camera id');
      else states.set(camera, bytes);
    }
    return states;
  }

  /** For a state that can't be read: its camera starts anew. */
  refuseState(camera: CameraId, bytes: Uint8Array): void {
    this.#setStateAside(camera, bytes, 'it does not read as a state of this version');
  }

  /** Oldest first, as they were written. */
  async events(): Promise<readonly string[]> {
    const { link } = this.#options;
    return link.ask(() => link.commands.zrange(this.#keys().log, 0, -1));
  }

  /** For an entry that is no event: it is set aside, and the others stand. */
  refuseEvent(text: string, reason: string): void {
    const { log } = this.#keys();
    const entry = Buffer.from(text);
    this.#options.link.setAside('event', { place: log, reason, entry }, (client) =>
      client.zrem(log, text),
    );
  }

  async trim(keep: number): Promise<void> {
    const { link } = this.#options;
    await link.ask(() => link.commands.zremrangebyrank(this.#keys().log, 0, -1 - keep));
  }

  /** How far each consumer of events came. */
  async consumers(): Promise<ReadonlyMap<string, number>> {
    const { link } = this.#options;
    const fields = await link.ask(() => link.commands.hgetall(this.#keys().consumers));
    return new Map(
      Object.entries(fields)
        .map(([name, cursor]) => [name, Number(cursor)] as const)
        .filter(([, cursor]) => Number.isSafeInteger(cursor)),
    );
  }

  async saveConsumer(name: string, cursor: number): Promise<void> {
    const { link } = this.#options;
    await link.ask(() => link.commands.hset(this.#keys().consumers, name, cursor));
  }

  /** Lets another gateway begin at once. */
  async release(): Promise<void> {
    const { link, token } = this.#options;
    await RELEASE.run(link, [this.#keys().owner], [token]);
  }

  #setStateAside(field: string, entry: Uint8Array, reason: string): void {
    const { kept } = this.#keys();
    this.#options.link.setAside('state', { place: `${kept} ${field}`, reason, entry }, (client) =>
      client.hdel(kept, field),
    );
  }

  #keys(): Readonly<Record<'owner' | 'kept' | 'log' | 'consumers', string>> {
    const { prefix } = this.#options.link;
    return {
      owner: `${prefix}:gateway:owner`,
      kept: `${prefix}:gateway:states`,
      log: `${prefix}:gateway:events`,
      consumers: `${prefix}:gateway:consumers`,
    };
  }
}
