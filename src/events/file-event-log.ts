// The event log of an installation that is one process: files on disk, flushed before anybody hears of an event.
// Files are begun anew now and then, so that the oldest can go; kill -9 at any moment loses nothing that was told.
import { PatchwatchError } from '../core/errors.ts';
import type { LoggedEvent } from '../core/event.ts';
import { RUN_SEQUENCES } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog, EventPage, LogStep } from '../core/ports/event-log.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { EventTail, KEPT_EVENTS } from './event-tail.ts';
import { InTurn } from './in-turn.ts';
import { LogFile } from './log-file.ts';
import { listLog, logPath, readLog, removeLog, syncLog } from './log-folder.ts';
import { LOG_FORMAT, encodeRecord, entriesOf, type LogRecord } from './log-record.ts';

/** A file that has grown beyond this is followed by another. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const HEAL_MS = 5_000;

export interface FileEventLogOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class FileEventLog implements EventLog {
  readonly #options: FileEventLogOptions;
  readonly #states = new Map<CameraId, Uint8Array>();
  readonly #consumers = new Map<string, number>();
  readonly #closed = new AbortController();
  #tail: EventTail;
  #runCount = 0;
  /** Cursors that the files are named after, oldest first. */
  #files: number[] = [];
  #file: LogFile | undefined;
  readonly #writes = new InTurn();
  #isHealing = false;

  constructor(options: FileEventLogOptions) {
    this.#options = options;
    this.#tail = new EventTail(options.clock.nowMs());
  }

  get latest(): number {
    return this.#tail.latest;
  }

  /** Reads what earlier runs left. @throws PatchwatchError STORAGE_FAILED */
  async open(): Promise<void> {
    const { folder, logger } = this.#options;
    let last: { readonly cursor: number; readonly size: number } | undefined;
    for (const cursor of await listLog(folder)) {
      const file = await readLog(folder, cursor);
      if (file === undefined) {
        await removeLog(folder, cursor); // the process died as it began it
        continue;
      }
      if (file.badLineCount > 0) {
        logger.error('lines of the event log can’t be read: their events are left out', {
          path: file.path,
          lines: file.badLineCount,
        });
      }
      for (const record of file.records) this.#recall(record);
      this.#files.push(cursor);
      last = file;
    }
    if (last === undefined) await this.#beginFile();
    else {
      this.#file = new LogFile(logPath(folder, last.cursor));
      await this.#file.open(last.size);
    }
  }

  /** Sequence of the first frame of a run of capture that begins now. */
  async beginRun(): Promise<number> {
    const run = this.#runCount++;
    await this.#write({ kind: 'run', runCount: this.#runCount });
    return run * RUN_SEQUENCES;
  }

  append({ events, states, runCount }: LogStep): Promise<readonly LoggedEvent[]> {
    for (const [camera, state] of states) this.#states.set(camera, state);
    this.#runCount = Math.max(this.#runCount, runCount);
    // States alone wait for the next event: without one, frames that were read told nothing.
    if (events.length === 0) return Promise.resolve([]);
    const cameras = new Set(events.map((event) => event.cameraId));
    const kept = new Map([...this.#states].filter(([camera]) => cameras.has(camera)));
    return this.#writes.run(async () => {
      const entries = this.#tail.number(events);
      await this.#put({
        kind: 'step',
        first: this.#tail.latest + 1,
        events: [...events],
        runCount: this.#runCount,
        states: kept,
      });
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
    await this.#write({ kind: 'consumer', name: consumer, cursor });
  }

  trim(keep: number): Promise<void> {
    return this.#writes.run(async () => {
      this.#tail.trim(keep);
      await this.#removeFiles(keep);
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#writes.run(async () => this.#file?.close());
  }

  #recall(record: LogRecord): void {
    switch (record.kind) {
      case 'head':
        // The first file's says where the log begins; later ones repeat what is known.
        if (this.#tail.size === 0) this.#tail = new EventTail(record.cursor);
        for (const [name, cursor] of Object.entries(record.consumers))
          this.#consumers.set(name, cursor);
        break;
      case 'step':
        this.#tail.push(entriesOf(record));
        break;
      case 'consumer':
        this.#consumers.set(record.name, record.cursor);
        return;
      case 'run':
        this.#runCount = Math.max(this.#runCount, record.runCount);
        return;
    }
    this.#runCount = Math.max(this.#runCount, record.runCount);
    for (const [camera, state] of record.states) this.#states.set(camera, state);
  }

  #write(record: LogRecord): Promise<void> {
    return this.#writes.run(() => this.#put(record));
  }

  async #put(record: LogRecord): Promise<void> {
    const file = this.#file;
    if (file === undefined) throw new PatchwatchError('INTERNAL', 'the event log is not open');
    await file.write(encodeRecord(record));
    if (file.failure !== undefined) this.#heal(file.failure);
    else if (file.size > MAX_FILE_BYTES) await this.#beginFile();
  }

  /** Follows the present file, and lets the oldest go. A disk that has no room for it keeps the present one growing. */
  async #beginFile(): Promise<void> {
    const { folder } = this.#options;
    const cursor = this.#tail.latest;
    if (this.#files.at(-1) === cursor) return;
    const next = new LogFile(logPath(folder, cursor));
    await next.open(0);
    await next.write(
      encodeRecord({
        kind: 'head',
        format: LOG_FORMAT,
        cursor,
        runCount: this.#runCount,
        states: this.#states,
        consumers: Object.fromEntries(this.#consumers),
      }),
    );
    if (next.failure !== undefined) {
      if (this.#file === undefined) throw next.failure;
      await next.close();
      await removeLog(folder, cursor);
      return;
    }
    await syncLog(folder);
    await this.#file?.close();
    this.#file = next;
    this.#files.push(cursor);
    await this.#removeFiles(KEPT_EVENTS);
  }

  /** A file may go when the one after it begins before the oldest event that is kept. */
  async #removeFiles(keep: number): Promise<void> {
    const oldest = this.latest - keep;
    while ((this.#files[1] ?? Infinity) <= oldest) {
      const [cursor] = this.#files.splice(0, 1);
      if (cursor !== undefined) await removeLog(this.#options.folder, cursor);
    }
  }

  /** Tells once that the disk takes nothing, tries until it does, and tells that too. */
  #heal(failure: Error): void {
    if (this.#isHealing) return;
    this.#isHealing = true;
    const { folder, logger, meter, clock } = this.#options;
    meter.set('patchwatch_event_log_durable', {}, 0);
    logger.error('event log can’t be written: events are told, and forgotten if the daemon ends', {
      folder,
      reason: failure.message,
      remedy: 'free some space or move dataDir',
    });
    const tryAgain = async (): Promise<void> => {
      while (this.#file?.failure !== undefined) {
        await clock.sleep(HEAL_MS, this.#closed.signal);
        await this.#writes.run(async () => this.#file?.flush());
      }
      meter.set('patchwatch_event_log_durable', {}, 1);
      logger.info('event log is written again', { folder });
    };
    tryAgain()
      .catch(() => undefined) // closed meanwhile
      .finally(() => {
        this.#isHealing = false;
      });
  }
}
