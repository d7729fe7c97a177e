// One ordered log of events that survives its process. Cursors are assigned here and nowhere else, and nothing is
// told before it is in the log: whoever tells reads from it, by a cursor of his own.
import type { Event, LoggedEvent } from '../event.ts';
import type { CameraId } from '../ids.ts';

/** What is made safe in one step: what is read again after a crash then leads to the same events, told once. */
export interface LogStep {
  readonly events: readonly Event[];
  /** What is known of each camera that changed, opaque to the log. */
  readonly states: ReadonlyMap<CameraId, Uint8Array>;
  /** Ids of what was read and need not be told to the reader again; empty where nobody could. */
  readonly done: readonly string[];
  /** Runs of capture seen: a later one is numbered above them. */
  readonly runCount: number;
}

export interface EventPage {
  /** Oldest first. */
  readonly entries: readonly LoggedEvent[];
  /** False when events between the cursor and the first entry are gone, or the cursor is not of this log. */
  readonly isComplete: boolean;
}

export interface EventLog {
  /** Cursor of the last event; before the first, one that is above those of any log before this one. */
  readonly latest: number;

  /**
   * Numbers the events and makes the step safe, whole or not at all. Steps are made in the order of the calls.
   *
   * @returns the events with their cursors, safe now
   * @throws PatchwatchError LOG_REPLACED when the log has another owner now; any other failure may be tried again
   */
  append(step: LogStep): Promise<readonly LoggedEvent[]>;

  /** At most `limit` events after the cursor; 0 stands for the oldest that is kept. */
  after(cursor: number, limit: number): EventPage;

  /** The last state of each camera. */
  states(): ReadonlyMap<CameraId, Uint8Array>;

  /** How far a consumer came that keeps its cursor over restarts; undefined when it never began. */
  cursorOf(consumer: string): number | undefined;

  /** Remembers how far a consumer came; after a crash an earlier cursor may come back. */
  saveCursor(consumer: string, cursor: number): Promise<void>;

  /** Gives up the oldest events beyond so many. */
  trim(keep: number): Promise<void>;
}
