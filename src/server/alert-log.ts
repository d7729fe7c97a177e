// The last alert messages, numbered, so that a client that was away gets what it missed.
import type { Alert } from '../core/alert.ts';

export interface LoggedAlert {
  readonly cursor: number;
  readonly alert: Alert;
}

export class AlertLog {
  readonly #capacity: number;
  #entries: LoggedAlert[] = [];
  #cursor = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Cursor of the last entry; 0 before the first. */
  get cursor(): number {
    return this.#cursor;
  }

  append(alert: Alert): LoggedAlert {
    const entry = { cursor: ++this.#cursor, alert };
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) this.#entries.shift();
    return entry;
  }

  /** Everything after the cursor that is still kept, oldest first. */
  after(cursor: number): {
    readonly entries: readonly LoggedAlert[];
    readonly isComplete: boolean;
  } {
    const entries = this.#entries.filter((entry) => entry.cursor > cursor);
    const oldest = this.#entries[0]?.cursor ?? this.#cursor + 1;
    return { entries, isComplete: cursor <= this.#cursor && cursor >= oldest - 1 };
  }

  /** The latest state of each alert, newest first. */
  latest(count: number): readonly Alert[] {
    const byId = new Map(this.#entries.map(({ alert }) => [alert.id, alert]));
    return [...byId.values()].reverse().slice(0, count);
  }
}
