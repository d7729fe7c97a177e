// The part that tells: reads scores into alerts, keeps what each camera does, serves page, HTTP, WebSocket and
// metrics. Where the scores come from is the daemon's choice.
import type { CameraConfig, Config } from '../config/config.ts';
import type { Alert } from '../core/alert.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import { isLiveState, type LatestFrame } from '../core/ports/live-state.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { SegmentScore } from '../core/segment-score.ts';
import { frameGapMs } from '../core/frame-gap.ts';
import type { FrameLedger } from '../queue/frame-ledger.ts';
import { ScoreReader, type ReaderState, type ScoredFrame } from '../reading/score-reader.ts';
import { AlertLog } from '../server/alert-log.ts';
import type { PromMeter } from '../telemetry/prom-meter.ts';
import { DaemonMetrics } from './gateway-metrics.ts';
import { LiveView } from './live-view.ts';
import { Outlets } from './web-front.ts';
import { VERSION } from '../process/version.ts';

const TICK_MS = 1_000;

export interface GatewayRoleOptions {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
  readonly ledger: FrameLedger;
  readonly queue: Pick<FrameQueue, 'depth'>;
  /** Frames of the camera that are captured and not read yet. */
  readonly isUnderWay: (camera: CameraId) => boolean;
  /** Workers whose scoring process is ready. */
  readonly workerCount: () => number;
  /** Where the live page's frames come from, when capture is another process's. */
  readonly latestFrame?: (camera: CameraId) => Promise<LatestFrame | undefined>;
  readonly alerts: AlertLog;
  /** Alerts as they arise; whoever takes them announces them when they are safe. */
  readonly onAlert: (alert: Alert) => void;
  readonly onFrame: (frame: ScoredFrame) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: PromMeter;
}

export class GatewayRole {
  readonly #options: GatewayRoleOptions;
  readonly #metrics: DaemonMetrics;
  readonly #readers: ReadonlyMap<CameraId, ScoreReader>;
  /** When the last frame of each camera was read, on the monotonic clock. */
  readonly #lastReadMs = new Map<CameraId, number>();
  readonly #view: LiveView;
  readonly #outlets: Outlets;
  #tick: NodeJS.Timeout | undefined;

  constructor(options: GatewayRoleOptions) {
    this.#options = options;
    const { config, cameras, ledger, clock, queue, workerCount, meter, logger } = options;
    this.#metrics = new DaemonMetrics({ meter, queue, workerCount, clock });
    this.#readers = new Map(cameras.map((camera) => [camera.id, this.#reader(camera)]));
    this.#view = new LiveView({
      cameras,
      ledger,
      clock,
      onStatus: (status) => {
        this.#outlets.publishCamera(status);
        this.#metrics.judged(status);
        if (!isLiveState(status.state)) this.#metrics.forgetScore(status.cameraId);
      },
    });
    this.#outlets = new Outlets({
      version: VERSION,
      server: config.server,
      view: this.#view,
      latestFrame:
        options.latestFrame ?? ((camera) => Promise.resolve(this.#view.latestFrame(camera))),
      alerts: options.alerts,
      queue,
      isScorerUp: () => workerCount() > 0,
      meter,
      logger,
    });
  }

  get view(): LiveView {
    return this.#view;
  }

  /** What is known of the camera's past; undefined before its first frame. */
  stateOf(camera: CameraId): ReaderState | undefined {
    return this.#readers.get(camera)?.state;
  }

  /** Resolves with the address of the live page. */
  async start(): Promise<string> {
    const url = await this.#outlets.start();
    this.#metrics.start();
    this.#tick = setInterval(() => {
      this.#closeSilent();
      this.#outlets.publishStats(this.#view.stats());
    }, TICK_MS);
    return url;
  }

  async stop(): Promise<void> {
    clearInterval(this.#tick);
    await this.#outlets.stop();
    this.#metrics.stop();
  }

  read(score: SegmentScore): void {
    this.#readers.get(score.cameraId)?.read(score);
  }

  /** Tells the world of an alert's phase. */
  announce(alert: Alert): void {
    this.#metrics.alerted(alert);
    if (alert.phase !== 'update') {
      this.#view.setAlertOpen(alert.cameraId, alert.phase === 'open');
      this.#options.logger.info(`alert ${alert.phase}`, {
        camera: alert.cameraId,
        alert: alert.id,
        score: Number(alert.score.toFixed(2)),
        peakScore: Number(alert.peakScore.toFixed(2)),
        threshold: Number(alert.threshold.toFixed(2)),
      });
    }
    this.#outlets.publishAlert(alert);
  }

  /** Nothing more will be read: what is open closes. */
  closeAlerts(): void {
    for (const reader of this.#readers.values()) reader.expire(Infinity);
  }

  /** Goes on from where another process stood; silence is measured from now. */
  resume(camera: CameraId, state: ReaderState): void {
    this.#readers.get(camera)?.resume(state);
    const isOpen = state.tracker.kind === 'open';
    this.#view.setAlertOpen(camera, isOpen);
    this.#options.meter.set('patchwatch_alert_open', { camera }, isOpen ? 1 : 0);
    this.#sawFrame(camera);
  }

  /** Its frames count from elsewhere: what was known of its past is over. */
  restart(camera: CameraId): void {
    this.#readers.get(camera)?.restart();
  }

  #sawFrame(camera: CameraId): void {
    this.#lastReadMs.set(camera, this.#options.clock.monotonicMs());
  }

  /** A camera is silent when none of its frames is under way: one that waits for a worker says nothing yet. */
  #closeSilent(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [camera, lastReadMs] of this.#lastReadMs) {
      if (this.#options.isUnderWay(camera)) continue;
      this.#readers.get(camera)?.expire(nowMs - lastReadMs);
    }
  }

  #reader(camera: CameraConfig): ScoreReader {
    const { threshold } = camera.alert;
    return new ScoreReader({
      cameraId: camera.id,
      smoothing: camera.smoothing,
      threshold: threshold === 'auto' ? undefined : threshold,
      ignore: camera.ignore,
      policy: camera.alert,
      gapMs: frameGapMs(camera.fps),
      onFrame: (frame) => {
        this.#onFrame(frame);
      },
      onAlert: (alert) => {
        this.#options.onAlert(alert);
      },
    });
  }

  #onFrame(frame: ScoredFrame): void {
    this.#sawFrame(frame.cameraId);
    this.#view.showScore(frame);
    // Frames of a camera that went down meanwhile are told of, but are not its present.
    if (this.#view.isLive(frame.cameraId)) this.#metrics.scored(frame);
    this.#outlets.publishMap(frame);
    this.#options.onFrame(frame);
  }
}
