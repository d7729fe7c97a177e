// The event log of an installation around Redis: kept there, and written in one step with the readers' states and the
// acknowledgement of what was read. One gateway at a time writes it.
import { PatchwatchError } from '../core/errors.ts';
import type { LoggedEvent } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog, EventPage, LogStep } from '../core/ports/event-log.ts';
import type { RedisJournal } from '../redis/redis-journal.ts';
import { parseLoggedEvent } from './event-schema.ts';
import { EventTail } from './event-tail.ts';
import { InTurn } from './in-turn.ts';

export interface RedisEventLogOptions {
  readonly journal: RedisJournal;
  readonly clock: Clock;
}

export class RedisEventLog implements EventLog {
  readonly #options: RedisEventLogOptions;
  #tail: EventTail;
  #states = new Map<CameraId, Uint8Array>();
  #consumers = new Map<string, number>();
  readonly #steps = new InTurn();

  constructor(options: RedisEventLogOptions) {
    this.#options = options;
    this.#tail = new EventTail(options.clock.nowMs());
  }

  get latest(): number {
    return this.#tail.latest;
  }

  /** Reads what an earlier gateway left; this one owns the journal. */
  async open(): Promise<void> {
    const { journal, clock } = this.#options;
    const texts = await journal.events();
    const events = texts
      .flatMap((text) => {
        const entry = parseLoggedEvent(text);
        if (entry === undefined) journal.refuseEvent(text, 'it does not read as an event');
        return entry ?? [];
      })
      .sort((a, b) => a.cursor - b.cursor);
    const [oldest] = events;
    this.#tail = new EventTail(oldest === undefined ? clock.nowMs() : oldest.cursor - 1);
    this.#tail.push(events);
    this.#states = new Map(await journal.states());
    this.#consumers = new Map(await journal.consumers());
  }

  append({ events, ...step }: LogStep): Promise<readonly LoggedEvent[]> {
    return this.#steps.run(async () => {
      const entries = this.#tail.number(events);
      if (!(await this.#options.journal.commit({ ...step, events: entries.map(toText) }))) {
        throw new PatchwatchError(
          'LOG_REPLACED',
          'another gateway took over from this one, which Redis had not heard of for too long: start it again to stand by',
        );
      }
      this.#tail.push(entries);
      return entries;
    });
  }

  after(cursor: number, limit: number): EventPage {
    return this.#tail.after(cursor, limit);
  }

  states(): ReadonlyMap<CameraId, Uint8Array> {
    return this.#states;
  }

  cursorOf(consumer: string): number | undefined {
    return this.#consumers.get(consumer);
  }

  async saveCursor(consumer: string, cursor: number): Promise<void> {
    this.#consumers.set(consumer, cursor);
    await this.#options.journal.saveConsumer(consumer, cursor);
  }

  async trim(keep: number): Promise<void> {
    this.#tail.trim(keep);
    await this.#options.journal.trim(keep);
  }
}

const toText = (entry: LoggedEvent): { readonly cursor: number; readonly text: string } => ({
  cursor: entry.cursor,
  text: JSON.stringify(entry),
});
