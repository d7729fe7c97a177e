// Where events come in: whatever arises anywhere is put into the log here, in one step with what was read to bring it
// about, before anybody hears of it (docs/design/adr/0011-roles.md).
import { PatchwatchError, toError } from '../core/errors.ts';
import type { Event } from '../core/event.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog, LogStep } from '../core/ports/event-log.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';

/** What no event waits for is made safe so often. */
const STEP_MS = 250;
const RETRY_MS = 500;

export interface EventSinkOptions {
  readonly log: EventLog;
  /** What was read since the last call, for the events that followed from it. */
  readonly progress: (events: readonly Event[]) => Omit<LogStep, 'events'>;
  /** There is something new in the log. */
  readonly onAppended: () => void;
  /** Another process writes the log now: what is told from here on would be told twice. */
  readonly onReplaced: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class EventSink {
  readonly #options: EventSinkOptions;
  #arisen: Event[] = [];
  /** Aborting ends the present pause. */
  #pause = new AbortController();

  constructor(options: EventSinkOptions) {
    this.#options = options;
  }

  emit(event: Event): void {
    this.#arisen.push(event);
    this.#pause.abort();
  }

  /** Until the signal aborts; then what has arisen is made safe, if that can be done at once. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#pause.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    while (!signal.aborted) {
      await this.#step(signal);
      if (this.#arisen.length > 0) continue;
      this.#pause = new AbortController();
      await this.#options.clock.sleep(STEP_MS, this.#pause.signal).catch(() => undefined);
    }
    signal.removeEventListener('abort', stop);
    await this.#step(signal);
  }

  /** Everything up to now, in one step; tried again until it is done or the signal aborts. */
  async #step(signal: AbortSignal): Promise<void> {
    const { log, progress, onAppended, onReplaced, clock, logger, meter } = this.#options;
    const events = this.#arisen;
    this.#arisen = [];
    const step: LogStep = { events, ...progress(events) };
    for (let attempt = 1; ; attempt++) {
      try {
        await log.append(step);
        break;
      } catch (thrown) {
        if (thrown instanceof PatchwatchError && thrown.code === 'LOG_REPLACED') {
          onReplaced();
          return;
        }
        if (attempt === 1)
          logger.warn('events wait for the log', { reason: toError(thrown).message });
        if (signal.aborted) return;
        await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
    for (const { kind } of events) meter.add('patchwatch_events_total', { kind });
    if (events.length > 0) onAppended();
  }
}
