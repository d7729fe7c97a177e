// The events that a log keeps, in memory: cursors are numbered on here, and pages are cut from it.
import type { Event, LoggedEvent } from '../core/event.ts';
import type { EventPage } from '../core/ports/event-log.ts';

/** An event takes less than a kilobyte. */
export const KEPT_EVENTS = 5_000;

export class EventTail {
  /** Cursors follow each other without gaps. */
  #entries: LoggedEvent[] = [];
  #latest: number;

  /** @param start cursor before the first event; the present time keeps a new log's cursors above an older one's */
  constructor(start: number) {
    this.#latest = start;
  }

  get latest(): number {
    return this.#latest;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Gives the events the next cursors; they are not kept yet. */
  number(events: readonly Event[]): readonly LoggedEvent[] {
    return events.map((event, index) => ({ cursor: this.#latest + 1 + index, event }));
  }

  /** Takes numbered events over, oldest first. After a gap what was before it is given up. */
  push(entries: readonly LoggedEvent[]): void {
    for (const entry of entries) {
      if (entry.cursor !== this.#latest + 1) this.#entries = [];
      this.#entries.push(entry);
      this.#latest = entry.cursor;
    }
    // Cut seldom: cutting moves what is left.
    if (this.#entries.length > KEPT_EVENTS * 1.1) this.trim(KEPT_EVENTS);
  }

  trim(keep: number): void {
    this.#entries = this.#entries.slice(Math.max(0, this.#entries.length - keep));
  }

  after(cursor: number, limit: number): EventPage {
    const oldest = this.#latest - this.#entries.length + 1;
    const from = cursor === 0 ? oldest - 1 : cursor;
    const start = Math.max(0, from - oldest + 1);
    return {
      entries: this.#entries.slice(start, start + limit),
      isComplete: from >= oldest - 1 && from <= this.#latest,
    };
  }
}
