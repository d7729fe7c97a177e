// The part that scores: takes segments from the queue into a scoring process of its own.
import { fileURLToPath } from 'node:url';

import type { CameraConfig, Config } from '../config/config.ts';
import { PatchwatchError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { SegmentScorer } from '../core/ports/segment-scorer.ts';
import { WorkerLoop } from './worker-loop.ts';
import { ScorerProcess } from './scorer-process.ts';
import type { ScorerSettings } from './scorer-settings.ts';

const BATCH_TIMEOUT_MS = 30_000;
/** Reading models and measuring the engine takes seconds, on slow boards tens of them; TensorRT builds for minutes. */
const START_TIMEOUT_MS = 120_000;
const TENSORRT_START_TIMEOUT_MS = 20 * 60_000;
/** Of the latency that a camera allows: half of it goes to its segments. */
const WAIT_SHARE = 0.25;
/** How long stopping waits for batches under way. */
const STOP_WAIT_MS = 5_000;

export interface WorkerOptions {
  readonly config: Config;
  readonly modelsDir: string;
  /** Those whose segments may come. */
  readonly cameras: readonly CameraConfig[];
  readonly queue: FrameQueue;
  /** Puts something between the queue and the scoring process. */
  readonly prepare?: (scorer: SegmentScorer) => SegmentScorer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #stop = new AbortController();
  #scorer: ScorerProcess | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#scorer?.isReady === true;
  }

  /** Frames of a batch, as measured so far; undefined before the process was started. */
  get batchFrames(): number | undefined {
    return this.#scorer?.batching.frames;
  }

  get engine(): string | undefined {
    return this.#scorer?.engine;
  }

  /** The scoring process's. */
  get pid(): number | undefined {
    return this.#scorer?.pid;
  }

  /** Resolves when the scoring process is ready and takes work. */
  async start(): Promise<void> {
    const { config, queue, prepare, clock, logger } = this.#options;
    const scorer = this.#makeScorer();
    this.#scorer = scorer;
    await scorer.start();
    const worker = new WorkerLoop({
      queue,
      scorer: prepare?.(scorer) ?? scorer,
      batching: () => scorer.batching,
      maxWaitMs: WAIT_SHARE * Math.min(...config.cameras.map((camera) => camera.maxLatencyMs)),
      clock,
      logger,
    });
    this.#working = worker.run(this.#stop.signal);
  }

  /**
   * Takes nothing more and ends the batches under way, then the scoring process. A batch that does not end is given
   * back; where even that can't be said, its leases expire.
   */
  async stop(): Promise<void> {
    this.#stop.abort(new PatchwatchError('INTERRUPTED', 'daemon stops'));
    await this.#untilIdle();
    await this.#scorer?.stop();
    await this.#untilIdle();
  }

  async #untilIdle(): Promise<void> {
    const patience = new AbortController();
    await Promise.race([
      this.#working,
      this.#options.clock.sleep(STOP_WAIT_MS, patience.signal).catch(() => undefined),
    ]);
    patience.abort();
  }

  #makeScorer(): ScorerProcess {
    const { config, modelsDir, cameras, clock, logger, meter } = this.#options;
    const settings: ScorerSettings = {
      modelsDir,
      engine: config.engine,
      batchFrames: config.engine.batchFrames,
      sceneMemoryBytes: config.engine.sceneMemoryBytes,
      cameras: Object.fromEntries(
        cameras.map(({ id, profile, backbone, change, motion }) => [
          id,
          { profile, backbone, change, motion },
        ]),
      ),
      log: config.log,
    };
    return new ScorerProcess({
      modulePath: fileURLToPath(new URL('./scorer-main.js', import.meta.url)),
      settings,
      startTimeoutMs:
        config.engine.device === 'tensorrt' ? TENSORRT_START_TIMEOUT_MS : START_TIMEOUT_MS,
      batchTimeoutMs: BATCH_TIMEOUT_MS,
      clock,
      logger,
      meter,
    });
  }
}
