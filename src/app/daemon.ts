// Composes the daemon: cameras, queue, scoring process, alerts, outlets. The only place that knows them all.
// States: idle → starting → running → draining → stopped; a failed start releases what it had started.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { FfmpegBinary } from '../capture/ffmpeg-binary.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import type { Alert } from '../core/alert.ts';
import { PatchwatchError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ModelRequirements } from '../core/ports/model-store.ts';
import { frameGapMs } from '../pipeline/frame-gap.ts';
import { FrameLedger } from '../pipeline/frame-ledger.ts';
import { PixelPool } from '../pipeline/pixel-pool.ts';
import { ScoreReader, type ScoredFrame } from '../pipeline/score-reader.ts';
import { WorkerLoop } from '../pipeline/worker-loop.ts';
import { MemoryFrameQueue } from '../queue/memory-queue.ts';
import { PromMeter } from '../telemetry/prom-meter.ts';
import { ScorerProcess } from '../worker/scorer-process.ts';
import { CameraIngest } from './camera-ingest.ts';
import { DaemonMetrics } from './daemon-metrics.ts';
import { LiveView } from './live-view.ts';
import { checkModels } from './check-models.ts';
import { modelsDir } from './models-dir.ts';
import { Outlets } from './outlets.ts';
import { ReleaseStack } from './release-stack.ts';
import type { ScorerSettings } from './scorer-settings.ts';
import { systemClock } from './system-clock.ts';
import { VERSION } from './version.ts';

const BATCH_TIMEOUT_MS = 30_000;
const TICK_MS = 1_000;
/** How long stopping waits for frames that are under way. */
const DRAIN_MS = 5_000;
const DRAIN_POLL_MS = 20;

export interface DaemonOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Recordings only: where each camera's starts, in stream time. */
  readonly startAtMs?: number;
  readonly onAlert?: (alert: Alert) => void;
  readonly onFrame?: (frame: ScoredFrame) => void;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #cameras: readonly CameraConfig[];
  readonly #stack = new ReleaseStack();
  readonly #stopIngest = new AbortController();
  readonly #stopWork = new AbortController();
  readonly #meter = new PromMeter();
  readonly #metrics: DaemonMetrics;
  readonly #pool: PixelPool;
  readonly #ledger: FrameLedger;
  readonly #queue: MemoryFrameQueue;
  readonly #readers: ReadonlyMap<CameraId, ScoreReader>;
  readonly #view: LiveView;
  readonly #outlets: Outlets;
  #scorer: ScorerProcess | undefined;
  #ingests: Promise<unknown> = Promise.resolve();

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { config, logger } = options;
    this.#cameras = config.cameras.filter((camera) => camera.enabled);
    this.#ledger = new FrameLedger(this.#meter);
    this.#pool = new PixelPool(4 * this.#cameras.length + 16);
    this.#queue = new MemoryFrameQueue({
      maxFramesPerCamera: config.queue.maxFramesPerCamera,
      maxFrames: config.queue.maxFramesPerCamera * this.#cameras.length,
      maxFrameAgeMs: config.queue.maxFrameAgeMs,
      clock: systemClock,
      onOutcome: (segment, outcome) => {
        this.#settle(segment, outcome);
      },
    });
    this.#metrics = new DaemonMetrics({
      meter: this.#meter,
      queue: this.#queue,
      clock: systemClock,
    });
    this.#readers = new Map(this.#cameras.map((camera) => [camera.id, this.#reader(camera)]));
    this.#view = new LiveView({
      cameras: this.#cameras,
      ledger: this.#ledger,
      clock: systemClock,
      onStatus: (status) => {
        this.#outlets.publishCamera(status);
      },
    });
    this.#outlets = new Outlets({
      version: VERSION,
      server: config.server,
      view: this.#view,
      queue: this.#queue,
      isScorerUp: () => this.#scorer?.isReady === true,
      meter: this.#meter,
      logger,
    });
  }

  get ledger(): FrameLedger {
    return this.#ledger;
  }

  get scorerPid(): number | undefined {
    return this.#scorer?.pid;
  }

  /** Resolves with the address of the live page. Whatever was started is released when it throws. */
  async start(): Promise<string> {
    try {
      return await this.#start();
    } catch (error) {
      await this.#stack.releaseAll();
      throw error;
    }
  }

  /** Resolves when every recording has ended and its frames are accounted for; never with live cameras. */
  async untilSourcesEnd(): Promise<void> {
    await this.#ingests;
    await this.#drain(Infinity);
  }

  /** Ends capture, lets frames under way be scored, closes open alerts, then everything else, in order. */
  async stop(): Promise<void> {
    await this.#stack.releaseAll();
  }

  async #start(): Promise<string> {
    const { config, logger } = this.#options;
    const requirements = await checkModels({ config, cameras: this.#cameras, logger });
    this.#metrics.start();
    this.#stack.push(() => {
      this.#metrics.stop();
    });
    const url = await this.#outlets.start();
    this.#stack.push(() => this.#outlets.stop());
    this.#scorer = await this.#startScorer(requirements);
    this.#startWork(this.#scorer);
    this.#startTicks();
    this.#startIngest();
    logger.info('watching', { cameras: this.#cameras.length, url, config: config.path });
    return url;
  }

  async #startScorer(requirements: Record<string, ModelRequirements>): Promise<ScorerProcess> {
    const { config, logger } = this.#options;
    const settings: ScorerSettings = {
      modelsDir: modelsDir(config),
      engineThreads: config.engine.threads,
      sceneMemoryBytes: config.engine.sceneMemoryBytes,
      requirements,
      log: config.log,
    };
    const scorer = new ScorerProcess({
      modulePath: fileURLToPath(new URL('./scorer-main.js', import.meta.url)),
      settings,
      batchTimeoutMs: BATCH_TIMEOUT_MS,
      clock: systemClock,
      logger,
      meter: this.#meter,
    });
    this.#stack.push(() => scorer.stop());
    await scorer.start();
    return scorer;
  }

  #startWork(scorer: ScorerProcess): void {
    const { config, logger } = this.#options;
    const worker = new WorkerLoop({
      queue: this.#queue,
      scorer,
      batchFrames: config.engine.batchFrames,
      clock: systemClock,
      logger,
    });
    const working = worker.run(this.#stopWork.signal);
    this.#stack.push(async () => {
      await this.#drain(DRAIN_MS);
      this.#stopWork.abort(new PatchwatchError('INTERRUPTED', 'daemon stops'));
      await this.#queue.close();
      await working;
      for (const reader of this.#readers.values()) reader.expire(Infinity);
    });
  }

  #startTicks(): void {
    const tick = setInterval(() => {
      for (const reader of this.#readers.values()) reader.expire(systemClock.nowMs());
      this.#outlets.publishStats(this.#view.stats());
    }, TICK_MS);
    this.#stack.push(() => {
      clearInterval(tick);
    });
  }

  #startIngest(): void {
    const { config, logger, startAtMs } = this.#options;
    const ffmpeg = new FfmpegBinary({ path: config.ffmpeg.path });
    const runId = randomBytes(4).toString('hex');
    this.#ingests = Promise.all(
      this.#cameras.map((camera) =>
        new CameraIngest({
          camera,
          startAtMs,
          ffmpeg,
          runId,
          queue: this.#queue,
          pool: this.#pool,
          ledger: this.#ledger,
          view: this.#view,
          clock: systemClock,
          logger,
          meter: this.#meter,
        }).run(this.#stopIngest.signal),
      ),
    );
    this.#stack.push(async () => {
      this.#stopIngest.abort();
      await this.#ingests;
    });
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
        this.#onAlert(alert);
      },
    });
  }

  #settle({ cameraId, stamps, pixels }: Segment, outcome: SegmentOutcome): void {
    this.#pool.release(pixels);
    if (outcome.kind === 'dropped') {
      this.#ledger.dropped(cameraId, outcome.reason, stamps.length);
      return;
    }
    this.#ledger.scored(cameraId, stamps.length);
    this.#readers.get(cameraId)?.read(outcome.score);
  }

  #onFrame(frame: ScoredFrame): void {
    this.#view.showScore(frame);
    this.#metrics.scored(frame);
    this.#outlets.publishMap(frame);
    this.#options.onFrame?.(frame);
  }

  #onAlert(alert: Alert): void {
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
    this.#options.onAlert?.(alert);
  }

  /** Waits until no frame is under way, at most so long. */
  async #drain(deadlineMs: number): Promise<void> {
    const endMs = systemClock.monotonicMs() + deadlineMs;
    const isUnderWay = (): boolean =>
      this.#ledger.cameras().some((camera) => this.#ledger.balance(camera).inFlight > 0);
    while (isUnderWay() && systemClock.monotonicMs() < endMs)
      await systemClock.sleep(DRAIN_POLL_MS);
  }
}
