// Keeps one scoring process alive and talks to it. Inference lives in a child process, so that it
// never blocks the thread that serves sockets and a native crash costs a restart, not the daemon.
//
// States: stopped → starting → measuring → ready → (ended → waiting → starting …) → stopped.
// While it starts or measures, `startTimeoutMs` may pass without a word of it; while batches are pending,
// `batchTimeoutMs`. So a batch's time counts from when the one before it was done.
// Invariant: a batch is pending only while its process lives; when the process ends, every pending
// batch rejects with SCORER_CRASHED and its segments go back to the queue.
import { UNMEASURED_POLICY, type BatchPolicy } from '../core/batch-policy.ts';
import { deferred, orAborted } from '../core/deferred.ts';
import { PatchwatchError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { SegmentScorer } from '../core/ports/segment-scorer.ts';
import type { Calibration } from './batch-calibration.ts';
import type { Message } from './message-reader.ts';
import { replay } from './relay-meter.ts';
import { toOutcomes } from './score-outcomes.ts';
import { ScorerChild } from './scorer-child.ts';
import { badMessage, encodeHeader, parseReply, type ScoreRequest } from './scorer-message.ts';

const RESTART_DELAYS_MS = [250, 1_000, 5_000, 10_000, 30_000] as const;

export interface ScorerProcessOptions {
  /** JavaScript file of the child. */
  readonly modulePath: string;
  /** Passed to the child as its one argument. */
  readonly settings: object;
  /** Runs it, instead of the program that runs this. */
  readonly execPath?: string;
  /** A process that starts, or measures its engine, and says nothing for so long hangs: it is killed. */
  readonly startTimeoutMs: number;
  /** The same while batches are with it. */
  readonly batchTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

interface Pending {
  readonly segments: readonly Segment[];
  readonly resolve: (outcomes: readonly SegmentOutcome[]) => void;
  readonly reject: (error: Error) => void;
}

export class ScorerProcess implements SegmentScorer {
  readonly #options: ScorerProcessOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #stop = new AbortController();
  #child: ScorerChild | undefined;
  #ready = deferred<ScorerChild>();
  #isReady = false;
  #isMeasuring = false;
  /** Resolves when the present process has ended, or did not start. */
  #ended = deferred<PatchwatchError>();
  #engine: string | undefined;
  #crashCount = 0;
  #nextBatchId = 1;
  #batching: BatchPolicy = UNMEASURED_POLICY;
  /** Why it can't score, in its own words. */
  #failure: PatchwatchError | undefined;

  constructor(options: ScorerProcessOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** What scores; undefined before the process was ready. */
  get engine(): string | undefined {
    return this.#engine;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What its engine is best given; measured by the process shortly after its start. */
  get batching(): BatchPolicy {
    return this.#batching;
  }

  /** Resolves when the process is ready to score; rejects when it can't even start. */
  async start(): Promise<void> {
    this.#spawn();
    const isOver = new AbortController();
    void this.#ended.promise.then((error) => {
      isOver.abort(this.#failure ?? error);
    });
    await orAborted(this.#ready.promise, isOver.signal);
  }

  async score(
    segments: readonly Segment[],
    signal: AbortSignal,
  ): Promise<readonly SegmentOutcome[]> {
    const child = await orAborted(this.#ready.promise, signal, this.#stop.signal);
    const batchId = this.#nextBatchId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(batchId, { segments, resolve, reject });
      if (this.#pending.size === 1) this.#watchBatches();
      child.send([
        encodeHeader(requestOf(batchId, segments), pixelBytes(segments)),
        ...segments.map(({ pixels }) => pixels),
      ]);
    });
  }

  /** Closes the pipe, which ends the process; kills it when it does not go within the deadline. */
  async stop(deadlineMs = 5_000): Promise<void> {
    this.#stop.abort(new PatchwatchError('SCORER_CRASHED', 'scoring process is stopped'));
    const child = this.#child;
    if (child === undefined) return;
    child.finish();
    const kill = setTimeout(() => {
      child.kill();
    }, deadlineMs);
    await this.#ended.promise;
    clearTimeout(kill);
  }

  #spawn(): void {
    const { logger, meter } = this.#options;
    this.#ended = deferred();
    const child = new ScorerChild({
      modulePath: this.#options.modulePath,
      execPath: this.#options.execPath,
      settings: this.#options.settings,
      onMessage: (message) => {
        this.#receive(message, child);
      },
      onBadMessage: (error) => {
        meter.add('patchwatch_scorer_bad_messages_total', {});
        logger.error('scoring process sent what can’t be read: killing it', {
          error: error.message,
        });
      },
      onHang: (silentMs) => {
        logger.error('scoring process hangs: killing it', { silentMs });
      },
      onEnd: (how) => {
        this.#onEnd(how);
      },
    });
    this.#child = child;
    child.expect(this.#options.startTimeoutMs);
    child.spawn();
  }

  /** While it measures its engine, batches wait for that. */
  #watchBatches(): void {
    const { startTimeoutMs, batchTimeoutMs } = this.#options;
    const isBusy = this.#pending.size > 0;
    this.#child?.expect(this.#isMeasuring ? startTimeoutMs : isBusy ? batchTimeoutMs : undefined);
  }

  #receive(message: Message, child: ScorerChild): void {
    const reply = parseReply(message.header);
    if (reply.kind === 'ready') {
      this.#isReady = true;
      this.#engine = reply.engine;
      this.#options.meter.set('patchwatch_scorer_up', {}, 1);
      this.#options.logger.info('scoring process ready', {
        pid: child.pid,
        engine: reply.engine,
      });
      this.#isMeasuring = true;
      this.#ready.resolve(child);
      return;
    }
    if (reply.kind === 'failed') {
      this.#failure = new PatchwatchError(reply.code, reply.message);
      this.#options.logger.error('scoring process can’t score', { error: reply.message });
      return;
    }
    if (reply.kind === 'calibrated') {
      this.#isMeasuring = false;
      this.#watchBatches();
      this.#useBatches(reply);
      return;
    }
    const pending = this.#pending.get(reply.batchId);
    if (pending === undefined) throw badMessage(`scores of an unknown batch ${reply.batchId}`);
    const outcomes = toOutcomes(pending.segments, reply.outcomes, message.payload);
    this.#pending.delete(reply.batchId);
    this.#watchBatches();
    this.#crashCount = 0;
    const frameCount = pending.segments.reduce((sum, segment) => sum + segment.stamps.length, 0);
    this.#options.meter.observe('patchwatch_scoring_seconds', {}, reply.seconds / frameCount);
    this.#options.meter.observe('patchwatch_scorer_batch_frames', {}, frameCount);
    replay(reply.samples, this.#options.meter);
    pending.resolve(outcomes);
  }

  #useBatches({ frames, waitMs, framesPerSecond }: Calibration): void {
    const { meter, logger } = this.#options;
    this.#batching = { frames, waitMs };
    meter.set('patchwatch_scorer_batch_limit_frames', {}, frames);
    meter.set('patchwatch_scorer_batch_wait_seconds', {}, waitMs / 1_000);
    if (framesPerSecond !== undefined) {
      meter.set('patchwatch_scorer_measured_frames_per_second', {}, framesPerSecond);
    }
    logger.info('batches for the engine', {
      batchFrames: frames,
      waitMs,
      ...(framesPerSecond === undefined ? {} : { framesPerSecond: Math.round(framesPerSecond) }),
    });
  }

  /** However it came about. */
  #onEnd(how: string): void {
    const { meter, logger, clock } = this.#options;
    const error = new PatchwatchError('SCORER_CRASHED', `scoring process ended (${how})`);
    const hadSaidReady = this.#isReady;
    this.#child = undefined;
    this.#isReady = false;
    this.#isMeasuring = false;
    if (hadSaidReady) this.#ready = deferred();
    meter.set('patchwatch_scorer_up', {}, 0);
    meter.set('patchwatch_scene_models', {}, 0);
    meter.set('patchwatch_scene_model_bytes', {}, 0);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
    this.#ended.resolve(error);
    if (this.#stop.signal.aborted) return;
    const delayMs =
      RESTART_DELAYS_MS[Math.min(this.#crashCount, RESTART_DELAYS_MS.length - 1)] ?? 0;
    this.#crashCount += 1;
    meter.add('patchwatch_scorer_restarts_total', {});
    logger.error('scoring process ended: restarting it', { reason: how, delayMs });
    clock.sleep(delayMs, this.#stop.signal).then(
      () => {
        this.#spawn();
      },
      () => undefined, // stopped while waiting
    );
  }
}

const pixelBytes = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { pixels }) => sum + pixels.byteLength, 0);

const requestOf = (batchId: number, segments: readonly Segment[]): ScoreRequest => ({
  kind: 'score',
  batchId,
  segments: segments.map((segment) => ({
    segmentId: segment.id,
    cameraId: segment.cameraId,
    sceneId: segment.sceneId,
    stamps: segment.stamps,
    hasContext: segment.hasContext,
    hasSlow: segment.hasSlow === true,
    pixelBytes: segment.pixels.byteLength,
  })),
});
