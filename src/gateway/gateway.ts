// The part that tells: outcomes of scoring come in, what follows from them goes into the event log, and everybody is
// told from it; page, HTTP, WebSocket and metrics are served. Where outcomes come from and where the log is kept is
// not its business.
import type { CameraConfig, Config } from '../config/config.ts';
import { isAlert, type LoggedEvent, type RefusedModel } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { FrameQueue, SegmentFacts, SegmentOutcome } from '../core/ports/frame-queue.ts';
import { isLiveState, type CameraStatus, type LatestFrame } from '../core/ports/live-state.ts';
import type { Logger } from '../core/ports/logger.ts';
import { EventCounts } from '../events/event-counts.ts';
import { OpenAlerts } from '../events/open-alerts.ts';
import { EventLines } from '../events/event-lines.ts';
import type { FrameLedger } from '../queue/frame-ledger.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';
import type { PromMeter } from '../telemetry/prom-meter.ts';
import { EventLine } from './event-line.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { LiveView } from './live-view.ts';
import { StateEvents } from './state-events.ts';
import { WebFront } from './web-front.ts';

const STATS_MS = 1_000;

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
  readonly #states: StateEvents;
  readonly #view: LiveView;
  readonly #open = new OpenAlerts();
  readonly #front: WebFront;
  readonly #line: EventLine;
  #stats: NodeJS.Timeout | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { log, logger, meter } = options;
    this.#metrics = new GatewayMetrics(options);
    this.#states = new StateEvents({
      ...options,
      onEvent: (event) => {
        this.#line.emit(event);
      },
    });
    this.#view = new LiveView({
      ...options,
      onStatus: (status) => {
        this.#onStatus(status);
      },
    });
    this.#front = new WebFront({
      ...{ server: options.config.server, view: this.#view, queue: options.queue },
      latestFrame:
        options.latestFrame ?? ((camera) => Promise.resolve(this.#view.latestFrame(camera))),
      isScorerUp: () => options.workerCount() > 0,
      ...{ log, meter, logger },
    });
    this.#line = new EventLine({
      ...options,
      queue: options.config.queue,
      consumers: [
        this.#front.clients,
        new EventLines(logger),
        new EventCounts(meter),
        {
          ...{ name: 'view', isDurable: false },
          consume: (entries) => {
            this.#showAlerts(entries);
          },
        },
        ...(options.consumers ?? []),
      ],
      onFrame: (frame) => {
        this.#onFrame(frame);
      },
      onStateRefused: options.onStateRefused ?? (() => undefined),
    });
  }

  get view(): LiveView {
    return this.#view;
  }

  /**
   * The log is open: goes on from what it holds, and tells. Nobody is served yet.
   *
   * @param firstSequence of this run of capture, where capture begins with the gateway
   */
  begin(firstSequence?: number): void {
    this.#states.restore();
    this.#showAlerts(this.#options.log.after(0, Infinity).entries);
    this.#line.begin(firstSequence);
    this.#stats = setInterval(() => {
      this.#front.publishStats(this.#view.stats());
    }, STATS_MS);
  }

  /** Resolves with the address of the live page. May be tried again. @throws PatchwatchError ADDRESS_IN_USE */
  async listen(): Promise<string> {
    const url = await this.#front.start();
    this.#metrics.start();
    this.#options.meter.beforeScrape(() => {
      this.#line.measure();
      return Promise.resolve();
    });
    return url;
  }

  /** What was read is made safe and told, if that can be done soon. */
  async stop(): Promise<void> {
    clearInterval(this.#stats);
    await this.#line.stop();
    await this.#front.stop();
    this.#metrics.stop();
  }

  /** How a segment ended; in any order, and maybe again. */
  tell(segment: SegmentFacts, outcome: SegmentOutcome, id?: string): void {
    this.#line.tell(segment, outcome, id);
  }

  /** Nothing more will be read: what is open closes. */
  closeAlerts(): void {
    this.#line.closeAlerts();
  }

  /** The camera's models were looked at: these are refused. */
  seeRefused(camera: CameraId, models: readonly RefusedModel[]): void {
    this.#states.seeRefused(camera, models);
  }

  #showAlerts(entries: readonly LoggedEvent[]): void {
    for (const { event } of entries) {
      if (isAlert(event)) this.#view.setAlertOpen(event.cameraId, this.#open.see(event));
    }
  }

  #onStatus(status: CameraStatus): void {
    this.#states.see(status);
    this.#front.publishCamera(status);
    this.#metrics.judged(status);
    if (!isLiveState(status.state)) this.#metrics.forgetScore(status.cameraId);
  }

  #onFrame(frame: ScoredFrame): void {
    this.#view.showScore(frame);
    // Frames of a camera that went down meanwhile are told of, but are not its present.
    if (this.#view.isLive(frame.cameraId)) this.#metrics.scored(frame);
    this.#front.publishMap(frame);
    this.#options.onFrame?.(frame);
  }
}
