// All consumers of the log, each with a loop of its own.
import type { Clock } from '../core/ports/clock.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { ConsumerLoop } from './consumer-loop.ts';

/** How long stopping waits for consumers that have not been told everything. */
const STOP_MS = 2_000;

export interface EventFanOutOptions {
  readonly log: EventLog;
  readonly consumers: readonly EventConsumer[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class EventFanOut {
  readonly #options: EventFanOutOptions;
  #loops: readonly ConsumerLoop[] = [];

  constructor(options: EventFanOutOptions) {
    this.#options = options;
  }

  /** The log is open: consumers begin where they stood, or at the present. */
  start(): void {
    const { consumers, log, clock, logger, meter } = this.#options;
    this.#loops = consumers.map(
      (consumer) => new ConsumerLoop({ consumer, log, clock, logger, meter }),
    );
    for (const loop of this.#loops) loop.start();
    this.measure();
  }

  /** There is something new in the log. */
  wake(): void {
    for (const loop of this.#loops) loop.wake();
  }

  /** Sets what metrics say of each consumer's lag. */
  measure(): void {
    for (const { name, lag } of this.#loops)
      this.#options.meter.set('patchwatch_event_consumer_lag', { consumer: name }, lag);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop(STOP_MS)));
  }
}
