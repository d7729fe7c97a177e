// An event log that forgets all when its process ends: for whoever reads from one to be tried on.
import type { Event, LoggedEvent } from '../../src/core/event.ts';
import type { CameraId } from '../../src/core/ids.ts';
import type { EventLog, EventPage, LogStep } from '../../src/core/ports/event-log.ts';
import { EventTail } from '../../src/events/event-tail.ts';

export class PlainEventLog implements EventLog {
  readonly #tail: EventTail;
  readonly #cursors = new Map<string, number>();

  constructor(start = 1_000) {
    this.#tail = new EventTail(start);
  }

  get latest(): number {
    return this.#tail.latest;
  }

  add(...events: readonly Event[]): readonly LoggedEvent[] {
    const entries = this.#tail.number(events);
    this.#tail.push(entries);
    return entries;
  }

  append({ events }: LogStep): Promise<readonly LoggedEvent[]> {
    return Promise.resolve(this.add(...events));
  }

  after(cursor: number, limit: number): EventPage {
    return this.#tail.after(cursor, limit);
  }

  states(): ReadonlyMap<CameraId, Uint8Array> {
    return new Map();
  }

  cursorOf(consumer: string): number | undefined {
    return this.#cursors.get(consumer);
  }

  saveCursor(consumer: string, cursor: number): Promise<void> {
    this.#cursors.set(consumer, cursor);
    return Promise.resolve();
  }

  trim(keep: number): Promise<void> {
    this.#tail.trim(keep);
    return Promise.resolve();
  }
}
