// The part that tells: outcomes of scoring come in, are read in order, and what follows from them goes into the event
// log, from which everybody is told. Where outcomes come from and where the log is kept is not its business.
import type { CameraConfig, Config } from '../config/config.ts';
import type { LoggedEvent } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { FrameQueue, SegmentFacts, SegmentOutcome } from '../core/ports/frame-queue.ts';
import { isLiveState, type LatestFrame } from '../core/ports/live-state.ts';
import type { Logger } from '../core/ports/logger.ts';
import { EventCounts } from '../events/event-counts.ts';
import { EventFanOut } from '../events/event-fan-out.ts';
import { EventLines } from '../events/event-lines.ts';
import { EventSink } from '../events/event-sink.ts';
import { VERSION } from '../process/version.ts';
import type { FrameLedger } from '../queue/frame-ledger.ts';
import { CameraReaders } from '../reading/camera-readers.ts';
import { OutcomeDesk } from '../reading/outcome-desk.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';
import type { PromMeter } from '../telemetry/prom-meter.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { LiveView } from './live-view.ts';
import { StateEvents } from './state-events.ts';
import { WebFront } from './web-front.ts';

const TICK_MS = 1_000;
/** How soon what waited too long for its order is given up. */
const LOOK_MS = 50;
/** Beyond the age at which the queue gives frames up: nothing older is still under way. */
const ORDER_GRACE_MS = 1_000;

export interface GatewayOptions {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
  readonly ledger: FrameLedger;
  readonly queue: Pick<FrameQueue, 'depth'>;
  readonly log: EventLog;
  /** Frames of the camera that are captured and not told yet. */
  readonly isUnderWay: (camera: CameraId) => boolean;
  /** Workers whose scoring process is ready. */
  readonly workerCount: () => number;
  /** Where the live page's frames come from, when capture is another process's. */
  readonly latestFrame?: (camera: CameraId) => Promise<LatestFrame | undefined>;
  /** Besides clients, log lines and metrics. */
  readonly consumers?: readonly EventConsumer[];
  readonly onFrame?: ((frame: ScoredFrame) => void) | undefined;
  /** A camera's state in the log that does not read as one: the camera starts anew. */
  readonly onStateRefused?: (camera: CameraId, bytes: Uint8Array) => void;
  /** Another gateway took over. */
  readonly onReplaced: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: PromMeter;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #metrics: GatewayMetrics;
  readonly #readers: CameraReaders;
  readonly #desk: OutcomeDesk;
  readonly #sink: EventSink;
  readonly #fanOut: EventFanOut;
  readonly #states: StateEvents;
  readonly #view: LiveView;
  readonly #front: WebFront;
  readonly #stop = new AbortController();
  #timers: readonly NodeJS.Timeout[] = [];
  #sinking: Promise<void> = Promise.resolve();

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { config, cameras, ledger, clock, queue, workerCount, meter, logger, log } = options;
    this.#metrics = new GatewayMetrics({ meter, queue, workerCount, clock });
    this.#readers = new CameraReaders({
      cameras,
      isUnderWay: (camera) => this.#desk.isHolding(camera) || options.isUnderWay(camera),
      onFrame: (frame) => {
        this.#onFrame(frame);
      },
      onEvent: (event) => {
        this.#sink.emit(event);
      },
      clock,
    });
    this.#desk = new OutcomeDesk({
      cameras: cameras.map(({ id }) => id),
      readers: this.#readers,
      maxFrames: config.queue.maxFramesPerCamera,
      maxWaitMs: config.queue.maxFrameAgeMs + ORDER_GRACE_MS,
      onStateRefused: options.onStateRefused ?? (() => undefined),
      clock,
      logger,
    });
    this.#sink = new EventSink({
      log,
      progress: (events) => this.#desk.takeProgress(events),
      onAppended: () => {
        this.#fanOut.wake();
      },
      onReplaced: options.onReplaced,
      clock,
      logger,
      meter,
    });
    this.#states = new StateEvents({
      log,
      onEvent: (event) => {
        this.#sink.emit(event);
      },
      clock,
    });
    this.#view = new LiveView({
      cameras,
      ledger,
      clock,
      onStatus: (status) => {
        this.#states.see(status);
        this.#front.publishCamera(status);
        this.#metrics.judged(status);
        if (!isLiveState(status.state)) this.#metrics.forgetScore(status.cameraId);
      },
    });
    this.#front = new WebFront({
      version: VERSION,
      server: config.server,
      view: this.#view,
      latestFrame:
        options.latestFrame ?? ((camera) => Promise.resolve(this.#view.latestFrame(camera))),
      log,
      queue,
      isScorerUp: () => workerCount() > 0,
      meter,
      logger,
    });
    this.#fanOut = new EventFanOut({
      log,
      consumers: [
        this.#front.clients,
        new EventLines(logger),
        new EventCounts(meter),
        {
          name: 'view',
          isDurable: false,
          consume: (entries) => {
            this.#showAlerts(entries);
          },
        },
        ...(options.consumers ?? []),
      ],
      clock,
      logger,
      meter,
    });
  }

  get view(): LiveView {
    return this.#view;
  }

  /** Frames of the camera that were told out of order and wait for those before them. */
  isHolding(camera: CameraId): boolean {
    return this.#desk.isHolding(camera);
  }

  /**
   * The log is open: goes on from what it holds, and tells. Nobody is served yet.
   *
   * @param firstSequence of this run of capture, where capture begins with the gateway
   */
  begin(firstSequence?: number): void {
    const { log } = this.#options;
    this.#desk.restore(log.states(), firstSequence);
    this.#states.restore();
    this.#showAlerts(log.after(0, Infinity).entries);
    this.#fanOut.start();
    this.#sinking = this.#sink.run(this.#stop.signal);
    this.#timers = [
      setInterval(() => {
        this.#readers.closeSilent();
        this.#front.publishStats(this.#view.stats());
      }, TICK_MS),
      setInterval(() => {
        this.#desk.look();
      }, LOOK_MS),
    ];
  }

  /** Resolves with the address of the live page. May be tried again. @throws PatchwatchError ADDRESS_IN_USE */
  async listen(): Promise<string> {
    const url = await this.#front.start();
    this.#metrics.start();
    this.#options.meter.beforeScrape(() => {
      this.#fanOut.measure();
      return Promise.resolve();
    });
    return url;
  }

  /** What was read is made safe and told, if that can be done soon. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stop.abort();
    await this.#sinking;
    await this.#fanOut.stop();
    await this.#front.stop();
    this.#metrics.stop();
  }

  /** How a segment ended; in any order, and maybe again. */
  tell(segment: SegmentFacts, outcome: SegmentOutcome, id?: string): void {
    this.#desk.tell(segment, outcome, id);
  }

  /** Nothing more will be read: what is open closes. */
  closeAlerts(): void {
    this.#readers.closeAll();
  }

  #showAlerts(entries: readonly LoggedEvent[]): void {
    for (const { event } of entries) {
      if (event.kind === 'anomaly')
        this.#view.setAlertOpen(event.cameraId, event.phase !== 'close');
    }
  }

  #onFrame(frame: ScoredFrame): void {
    this.#view.showScore(frame);
    // Frames of a camera that went down meanwhile are told of, but are not its present.
    if (this.#view.isLive(frame.cameraId)) this.#metrics.scored(frame);
    this.#front.publishMap(frame);
    this.#options.onFrame?.(frame);
  }
}
