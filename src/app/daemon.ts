// All in one process: the three roles around a queue in memory.
// States: idle → starting → running → draining → stopped; a failed start releases what it had started.
import type { CameraConfig, Config } from '../config/config.ts';
import type { Segment } from '../core/frame.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { Logger } from '../core/ports/logger.ts';
import { FrameLedger } from '../queue/frame-ledger.ts';
import { PixelPool } from '../ingest/pixel-pool.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';
import { MemoryFrameQueue } from '../queue/memory-queue.ts';
import { PromMeter } from '../telemetry/prom-meter.ts';
import { FileEventLog } from '../events/file-event-log.ts';
import { Gateway } from '../gateway/gateway.ts';
import { Ingest } from '../ingest/ingest.ts';
import { ModelWatch } from '../scoring/model-watch.ts';
import { eventsDir, modelsDir } from '../config/data-folders.ts';
import { ReleaseStack } from '../process/release-stack.ts';
import { openMedian } from '../motion/open-median.ts';
import { systemClock } from '../process/system-clock.ts';
import { tellLostLines } from '../telemetry/tell-lost-lines.ts';
import { VERSION } from '../process/version.ts';
import { Worker } from '../scoring/worker.ts';

/** How long stopping waits for frames that are under way. */
const DRAIN_MS = 5_000;
const DRAIN_POLL_MS = 20;

export interface DaemonOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Log lines that were lost since the last call. */
  readonly takeLostLogLines?: () => number;
  /** Recordings only: where each camera's starts, in stream time. */
  readonly startAtMs?: number;
  /** Told of events, besides clients, log lines and metrics. */
  readonly consumers?: readonly EventConsumer[];
  readonly onFrame?: (frame: ScoredFrame) => void;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #cameras: readonly CameraConfig[];
  readonly #stack = new ReleaseStack();
  readonly #meter = new PromMeter();
  readonly #pool: PixelPool;
  readonly #ledger: FrameLedger;
  readonly #queue: MemoryFrameQueue;
  readonly #log: FileEventLog;
  readonly #gateway: Gateway;
  #ingest: Ingest | undefined;
  #worker: Worker | undefined;

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
    this.#log = new FileEventLog({
      folder: eventsDir(config),
      clock: systemClock,
      logger,
      meter: this.#meter,
    });
    this.#gateway = new Gateway({
      config,
      cameras: this.#cameras,
      ledger: this.#ledger,
      queue: this.#queue,
      isUnderWay: (camera) => this.#ledger.balance(camera).inFlight > 0,
      workerCount: () => (this.#worker?.isReady === true ? 1 : 0),
      log: this.#log,
      consumers: options.consumers ?? [],
      onFrame: options.onFrame,
      onReplaced: () => undefined, // the log is this process's own
      clock: systemClock,
      logger,
      meter: this.#meter,
    });
  }

  get ledger(): FrameLedger {
    return this.#ledger;
  }

  get scorerPid(): number | undefined {
    return this.#worker?.pid;
  }

  /** Resolves with the address of the live page. Whatever was started is released when it throws. */
  async start(): Promise<string> {
    try {
      return await this.#start();
    } catch (thrown) {
      throw await this.#stack.releaseAfter(thrown);
    }
  }

  /** Resolves when every recording has ended and its frames are accounted for; never with live cameras. */
  async untilSourcesEnd(): Promise<void> {
    await this.#ingest?.untilSourcesEnd();
    await this.#drain(Infinity);
  }

  /** Ends capture, lets frames under way be scored, closes open alerts, then everything else, in order. */
  async stop(): Promise<void> {
    await this.#stack.releaseAll();
  }

  async #start(): Promise<string> {
    const { config, logger, startAtMs, takeLostLogLines } = this.#options;
    this.#meter.set('patchwatch_build_info', { version: VERSION, role: 'all' }, 1);
    if (takeLostLogLines !== undefined) tellLostLines(this.#meter, takeLostLogLines);
    const common = { config, cameras: this.#cameras, queue: this.#queue, logger };
    await this.#log.open();
    this.#stack.push(() => this.#log.close());
    const firstSequence = await this.#log.beginRun();
    this.#stack.push(() => this.#gateway.stop());
    this.#gateway.begin(firstSequence);
    await this.#watchModels();
    const url = await this.#gateway.listen();

    const worker = new Worker({
      ...common,
      modelsDir: modelsDir(config),
      clock: systemClock,
      meter: this.#meter,
    });
    this.#worker = worker;
    this.#stack.push(async () => {
      await this.#drain(DRAIN_MS);
      await this.#queue.close();
      await worker.stop();
      this.#gateway.closeAlerts();
    });
    await worker.start();

    const ingest = new Ingest({
      ...common,
      startAtMs,
      firstSequence,
      pool: this.#pool,
      median: await openMedian(),
      watcher: this.#gateway.view,
      taps: [this.#gateway.view.tap],
      onCaptured: (camera, count) => {
        this.#ledger.captured(camera, count);
      },
      onLeftOut: (camera, reason) => {
        this.#ledger.captured(camera);
        this.#ledger.dropped(camera, reason, 1);
      },
      clock: systemClock,
      meter: this.#meter,
    });
    this.#ingest = ingest;
    this.#stack.push(() => ingest.stop());
    ingest.start();
    logger.info('watching', { cameras: this.#cameras.length, url, config: config.path });
    return url;
  }

  async #watchModels(): Promise<void> {
    const { config, logger } = this.#options;
    const watch = new ModelWatch({
      config,
      cameras: this.#cameras,
      onFault: (camera, fault) => {
        this.#gateway.view.setFault(camera, fault);
      },
      onLook: (camera, refused) => {
        this.#gateway.seeRefused(camera, refused);
      },
      clock: systemClock,
      logger,
    });
    await watch.start();
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    this.#stack.push(async () => {
      stop.abort();
      await running;
    });
  }

  #settle(segment: Segment, outcome: SegmentOutcome): void {
    const { cameraId, stamps, pixels } = segment;
    this.#pool.release(pixels);
    if (outcome.kind === 'dropped') this.#ledger.dropped(cameraId, outcome.reason, stamps.length);
    else this.#ledger.scored(cameraId, stamps.length);
    this.#gateway.tell(segment, outcome);
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
