// From outcomes to whoever is told: segments are read in order, what follows from them is appended to the log in one
// step with what was read, and consumers are told from the log.
import type { CameraConfig, Config } from '../config/config.ts';
import type { Event } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { SegmentFacts, SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { EventFanOut } from '../events/event-fan-out.ts';
import { EventSink } from '../events/event-sink.ts';
import { CameraReaders } from '../reading/camera-readers.ts';
import { OutcomeDesk } from '../reading/outcome-desk.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';

const SILENCE_MS = 1_000;
/** How soon what waited too long for its order is given up. */
const LOOK_MS = 50;
/** Beyond the age at which the queue gives frames up: nothing older is still under way. */
const ORDER_GRACE_MS = 1_000;

export interface EventLineOptions {
  readonly queue: Pick<Config['queue'], 'maxFramesPerCamera' | 'maxFrameAgeMs'>;
  readonly cameras: readonly CameraConfig[];
  readonly log: EventLog;
  readonly consumers: readonly EventConsumer[];
  /** Frames of the camera that are captured and not told yet. */
  readonly isUnderWay: (camera: CameraId) => boolean;
  readonly onFrame: (frame: ScoredFrame) => void;
  /** A camera's state in the log that does not read as one: the camera starts anew. */
  readonly onStateRefused: (camera: CameraId, bytes: Uint8Array) => void;
  /** Another process writes the log now. */
  readonly onReplaced: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class EventLine {
  readonly #options: EventLineOptions;
  readonly #readers: CameraReaders;
  readonly #desk: OutcomeDesk;
  readonly #sink: EventSink;
  readonly #fanOut: EventFanOut;
  readonly #stop = new AbortController();
  #timers: readonly NodeJS.Timeout[] = [];
  #sinking: Promise<void> = Promise.resolve();

  constructor(options: EventLineOptions) {
    this.#options = options;
    const { queue, cameras, onFrame, onStateRefused } = options;
    this.#readers = new CameraReaders({
      ...{ cameras, onFrame, clock: options.clock },
      isUnderWay: (camera) => this.#desk.isHolding(camera) || options.isUnderWay(camera),
      onEvent: (event) => {
        this.#sink.emit(event);
      },
    });
    this.#desk = new OutcomeDesk({
      cameras: cameras.map(({ id }) => id),
      readers: this.#readers,
      maxFrames: queue.maxFramesPerCamera,
      maxWaitMs: queue.maxFrameAgeMs + ORDER_GRACE_MS,
      ...{ onStateRefused, clock: options.clock, logger: options.logger },
    });
    this.#sink = new EventSink({
      ...options,
      progress: (events) => this.#desk.takeProgress(events),
      onAppended: () => {
        this.#fanOut.wake();
      },
    });
    this.#fanOut = new EventFanOut(options);
  }

  /** The log is open: goes on from what it holds. @param firstSequence nothing before it will be told, where that is known */
  begin(firstSequence?: number): void {
    this.#desk.restore(this.#options.log.states(), firstSequence);
    this.#fanOut.start();
    this.#sinking = this.#sink.run(this.#stop.signal);
    this.#timers = [
      setInterval(() => {
        this.#readers.closeSilent();
      }, SILENCE_MS),
      setInterval(() => {
        this.#desk.look();
      }, LOOK_MS),
    ];
  }

  /** How a segment ended; in any order, and maybe again. */
  tell(segment: SegmentFacts, outcome: SegmentOutcome, id?: string): void {
    this.#desk.tell(segment, outcome, id);
  }

  /** Something that did not come from a score. */
  emit(event: Event): void {
    this.#sink.emit(event);
  }

  /** Nothing more will be read: what is open closes. */
  closeAlerts(): void {
    this.#readers.closeAll();
  }

  /** Sets what metrics say of consumers. */
  measure(): void {
    this.#fanOut.measure();
  }

  /** What was read is made safe and told, if that can be done soon. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stop.abort();
    await this.#sinking;
    await this.#fanOut.stop();
  }
}
