// Tells one consumer what the log holds, page by page, from a cursor of its own. Whatever the consumer does (throw,
// hang, take its time), nobody else waits for it: what it has not been told waits in the log.
//
// States: idle (all told) → telling (a page is with the consumer) → idle | pausing (it failed; tried again after a
// pause) → telling … Invariant: at most one page is with the consumer, also when it hangs.
import { toError } from '../core/errors.ts';
import type { LoggedEvent } from '../core/event.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog, EventPage } from '../core/ports/event-log.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { untilAborted } from '../core/until-aborted.ts';

/** Events in one call: the most that is held outside the log. */
const PAGE_EVENTS = 100;
/** A consumer that takes longer for a page is asked to give up, and said to hang. */
const PATIENCE_MS = 30_000;
const PAUSES_MS = [1_000, 2_000, 5_000, 15_000, 60_000] as const;

export interface ConsumerLoopOptions {
  readonly consumer: EventConsumer;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class ConsumerLoop {
  readonly #options: ConsumerLoopOptions;
  /** Cursor of the last event told. */
  #cursor: number;
  #failureCount = 0;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();
  /** Aborting ends the present wait for something new, or for the next try. */
  #pause = new AbortController();
  /** Aborting asks the consumer to give up the page that it has. */
  #patience = new AbortController();

  constructor(options: ConsumerLoopOptions) {
    this.#options = options;
    const { consumer, log } = options;
    this.#cursor = (consumer.isDurable ? log.cursorOf(consumer.name) : undefined) ?? log.latest;
  }

  /** Events in the log that it has not been told. */
  get lag(): number {
    return Math.max(0, this.#options.log.latest - this.#cursor);
  }

  get name(): string {
    return this.#options.consumer.name;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There is something new. */
  wake(): void {
    if (this.#failureCount === 0) this.#pause.abort();
  }

  /** What is in the log is told, if that can be done so soon. A consumer that hangs is left behind. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#pause.abort();
    const ended = new AbortController();
    const late = this.#options.clock.sleep(patienceMs, ended.signal).catch(() => undefined);
    void this.#running.finally(() => {
      ended.abort();
    });
    await late;
    this.#patience.abort();
  }

  async #run(): Promise<void> {
    for (;;) {
      const isTold = this.lag === 0 || (await this.#tellPage());
      if (this.#isStopping && (!isTold || this.lag === 0)) return;
      if (isTold && this.lag > 0) continue;
      this.#pause = new AbortController();
      await this.#wait(this.#pause.signal);
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const pauseMs = PAUSES_MS[Math.min(this.#failureCount, PAUSES_MS.length) - 1];
    if (pauseMs !== undefined)
      await this.#options.clock.sleep(pauseMs, signal).catch(() => undefined);
    else await untilAborted(signal);
  }

  async #tellPage(): Promise<boolean> {
    const { consumer, log } = this.#options;
    const page = log.after(this.#cursor, PAGE_EVENTS);
    this.#countSkipped(page);
    const last = page.entries.at(-1)?.cursor ?? log.latest;
    try {
      if (page.entries.length > 0) await this.#consume(page.entries);
      this.#failureCount = 0;
      this.#cursor = last;
      if (consumer.isDurable) await log.saveCursor(consumer.name, last);
      return true;
    } catch (thrown) {
      this.#failed('a consumer of events failed: trying again', toError(thrown).message);
      this.#failureCount += 1;
      return false;
    }
  }

  /** Never called twice at a time: one that hangs keeps its one page, for ever if need be. */
  async #consume(entries: readonly LoggedEvent[]): Promise<void> {
    const { consumer, clock } = this.#options;
    const patience = new AbortController();
    const back = new AbortController();
    this.#patience = patience;
    clock.sleep(PATIENCE_MS, back.signal).then(
      () => {
        this.#failed('a consumer of events hangs', `no answer within ${PATIENCE_MS / 1_000} s`);
        patience.abort();
      },
      () => undefined, // came back in time
    );
    try {
      await consumer.consume(entries, patience.signal);
    } finally {
      back.abort();
    }
  }

  #failed(message: string, reason: string): void {
    const { consumer, logger, meter } = this.#options;
    meter.add('patchwatch_event_consumer_failures_total', { consumer: consumer.name });
    if (this.#failureCount === 0) logger.warn(message, { consumer: consumer.name, reason });
  }

  #countSkipped({ entries, isComplete }: EventPage): void {
    if (isComplete) return;
    const { consumer, log, logger, meter } = this.#options;
    const count = (entries[0]?.cursor ?? log.latest + 1) - this.#cursor - 1;
    meter.add('patchwatch_event_consumer_skipped_total', { consumer: consumer.name }, count);
    logger.error('events are gone that a consumer was not told', {
      consumer: consumer.name,
      count,
    });
  }
}
