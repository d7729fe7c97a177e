// The last alert messages, numbered, so that a client that was away gets what it missed.
import type { Alert } from '../core/alert.ts';

export const KEPT_ALERT_MESSAGES = 1_000;

export interface LoggedAlert {
  readonly cursor: number;
  readonly alert: Alert;
}

export class AlertLog {
  readonly #capacity: number;
  /** The cursor before the first entry of all. */
  #start: number;
  #entries: LoggedAlert[] = [];
  #cursor: number;

  constructor(options: { readonly capacity: number; readonly start: number }) {
    this.#capacity = options.capacity;
    this.#start = options.start;
    this.#cursor = options.start;
  }

  /** Starts at the time, so that a cursor of an earlier run, which counts far slower, is told from its own. */
  static ofThisRun(nowMs: number): AlertLog {
    return new AlertLog({ capacity: KEPT_ALERT_MESSAGES, start: nowMs });
  }

  /** Cursor of the last entry. */
  get cursor(): number {
    return this.#cursor;
  }

  append(alert: Alert): LoggedAlert {
    const entry = { cursor: ++this.#cursor, alert };
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) this.#entries.shift();
    return entry;
  }

  /** Takes over what an earlier process kept, oldest first. Cursors go on from there, and begin there. */
  restore(entries: readonly LoggedAlert[]): void {
    const [first] = (this.#entries = entries.slice(-this.#capacity));
    if (first === undefined) return;
    this.#start = first.cursor - 1;
    this.#cursor = this.#entries.at(-1)?.cursor ?? first.cursor;
  }

  /** Everything after the cursor that is still kept, oldest first; 0 stands for the beginning. */
  after(cursor: number): {
    readonly entries: readonly LoggedAlert[];
    readonly isComplete: boolean;
  } {
    const from = cursor === 0 ? this.#start : cursor;
    const entries = this.#entries.filter((entry) => entry.cursor > from);
    const oldest = this.#entries[0]?.cursor ?? this.#cursor + 1;
    return { entries, isComplete: from <= this.#cursor && from >= oldest - 1 };
  }

  /** The latest state of each alert, newest first. */
  latest(count: number): readonly Alert[] {
    const byId = new Map(this.#entries.map(({ alert }) => [alert.id, alert]));
    return [...byId.values()].reverse().slice(0, count);
  }
}
