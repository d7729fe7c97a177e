// Keeps one scoring process alive and talks to it. Inference lives in a child process, so that it
// never blocks the thread that serves sockets and a native crash costs a restart, not the daemon.
//
// States: stopped → starting → ready → (crashed → waiting → starting …) → stopped.
// Invariant: a batch is pending only while its process lives; when the process ends, every pending
// batch rejects with SCORER_CRASHED and its segments go back to the queue.
import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

import { UNMEASURED_POLICY, type BatchPolicy } from '../core/batch-policy.ts';
import { deferred, orAborted } from '../core/deferred.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { SegmentScorer } from '../core/ports/segment-scorer.ts';
import type { Calibration } from './batch-calibration.ts';
import { MessageReader, type Message } from './message-reader.ts';
import { replay } from './relay-meter.ts';
import { toOutcomes } from './score-outcomes.ts';
import { badMessage, encodeHeader, parseReply, type ScoreRequest } from './scorer-message.ts';

const RESTART_DELAYS_MS = [250, 1_000, 5_000, 10_000, 30_000] as const;

export interface ScorerProcessOptions {
  /** JavaScript file of the child. */
  readonly modulePath: string;
  /** Passed to the child as its one argument. */
  readonly settings: object;
  /** A batch that takes longer means that the process hangs: it is killed. */
  readonly batchTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

interface Pending {
  readonly segments: readonly Segment[];
  readonly resolve: (outcomes: readonly SegmentOutcome[]) => void;
  readonly reject: (error: Error) => void;
  readonly timeout: NodeJS.Timeout;
}

export class ScorerProcess implements SegmentScorer {
  readonly #options: ScorerProcessOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #stop = new AbortController();
  #child: ChildProcess | undefined;
  #ready = deferred<Socket>();
  #isReady = false;
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
    await Promise.race([
      this.#ready.promise,
      new Promise((_resolve, reject) => {
        // When all that it wrote was read.
        this.#child?.once('close', (code, signal) => {
          reject(this.#failure ?? this.#crashed(code, signal));
        });
      }),
    ]);
  }

  async score(
    segments: readonly Segment[],
    signal: AbortSignal,
  ): Promise<readonly SegmentOutcome[]> {
    const pipe = await this.#whenReady(signal);
    const batchId = this.#nextBatchId++;
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#options.logger.error('scoring process hangs: killing it', {
          timeoutMs: this.#options.batchTimeoutMs,
        });
        this.#child?.kill('SIGKILL');
      }, this.#options.batchTimeoutMs);
      this.#pending.set(batchId, { segments, resolve, reject, timeout });
      this.#send(pipe, batchId, segments);
    });
  }

  /** Closes the pipe, which ends the process; kills it when it does not go within the deadline. */
  async stop(deadlineMs = 5_000): Promise<void> {
    this.#stop.abort(new PatchwatchError('SCORER_CRASHED', 'scoring process is stopped'));
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => {
        resolve();
      });
    });
    (child.stdio[3] as Socket).end();
    const kill = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await gone;
    clearTimeout(kill);
  }

  #spawn(): void {
    const child = fork(this.#options.modulePath, [JSON.stringify(this.#options.settings)], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
    });
    this.#child = child;
    const pipe = child.stdio[3] as Socket;
    const reader = new MessageReader();
    let isOutOfStep = false;
    pipe.on('data', (chunk: Uint8Array) => {
      if (isOutOfStep) return;
      try {
        for (const message of reader.push(chunk)) this.#receive(message, pipe);
      } catch (error) {
        isOutOfStep = true;
        this.#endFaulty(child, toError(error));
      }
    });
    // A broken pipe is the process's end seen from its pipe: `exit` tells the story.
    pipe.on('error', () => undefined);
    child.once('error', (error) => {
      this.#options.logger.error('scoring process could not be started', { err: error });
    });
    child.once('exit', (code, signal) => {
      this.#onExit(code, signal);
    });
  }

  #send(pipe: Socket, batchId: number, segments: readonly Segment[]): void {
    const request: ScoreRequest = {
      kind: 'score',
      batchId,
      segments: segments.map((segment) => ({
        segmentId: segment.id,
        cameraId: segment.cameraId,
        sceneId: segment.sceneId,
        stamps: segment.stamps,
        hasContext: segment.hasContext,
        pixelBytes: segment.pixels.byteLength,
      })),
    };
    const payloadBytes = segments.reduce((sum, segment) => sum + segment.pixels.byteLength, 0);
    pipe.cork();
    pipe.write(encodeHeader(request, payloadBytes));
    for (const segment of segments) pipe.write(segment.pixels);
    pipe.uncork();
  }

  #receive(message: Message, pipe: Socket): void {
    const reply = parseReply(message.header);
    if (reply.kind === 'ready') {
      this.#isReady = true;
      this.#engine = reply.engine;
      this.#options.meter.set('patchwatch_scorer_up', {}, 1);
      this.#options.logger.info('scoring process ready', {
        pid: this.#child?.pid,
        engine: reply.engine,
      });
      this.#ready.resolve(pipe);
      return;
    }
    if (reply.kind === 'failed') {
      this.#failure = new PatchwatchError(reply.code, reply.message);
      this.#options.logger.error('scoring process can’t score', { error: reply.message });
      return;
    }
    if (reply.kind === 'calibrated') {
      this.#useBatches(reply);
      return;
    }
    const pending = this.#pending.get(reply.batchId);
    if (pending === undefined) throw badMessage(`scores of an unknown batch ${reply.batchId}`);
    const outcomes = toOutcomes(pending.segments, reply.outcomes, message.payload);
    this.#pending.delete(reply.batchId);
    clearTimeout(pending.timeout);
    this.#crashCount = 0;
    const frameCount = pending.segments.reduce((sum, segment) => sum + segment.stamps.length, 0);
    this.#options.meter.observe('patchwatch_scoring_seconds', {}, reply.seconds / frameCount);
    this.#options.meter.observe('patchwatch_scorer_batch_frames', {}, frameCount);
    replay(reply.samples, this.#options.meter);
    pending.resolve(outcomes);
  }

  /** What can't be read is not read on: its batches go back to the queue, and another process takes over. */
  #endFaulty(child: ChildProcess, error: Error): void {
    this.#options.meter.add('patchwatch_scorer_bad_messages_total', {});
    this.#options.logger.error('scoring process sent what can’t be read: killing it', {
      error: error.message,
    });
    child.kill('SIGKILL');
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

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const error = this.#crashed(code, signal);
    this.#isReady = false;
    this.#ready = deferred<Socket>();
    this.#options.meter.set('patchwatch_scorer_up', {}, 0);
    this.#options.meter.set('patchwatch_scene_models', {}, 0);
    this.#options.meter.set('patchwatch_scene_model_bytes', {}, 0);
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timeout);
      pending.reject(error);
    }
    this.#pending.clear();
    if (this.#stop.signal.aborted) return;
    const delayMs =
      RESTART_DELAYS_MS[Math.min(this.#crashCount, RESTART_DELAYS_MS.length - 1)] ?? 0;
    this.#crashCount += 1;
    this.#options.meter.add('patchwatch_scorer_restarts_total', {});
    this.#options.logger.error('scoring process ended: restarting it', { code, signal, delayMs });
    this.#options.clock.sleep(delayMs, this.#stop.signal).then(
      () => {
        this.#spawn();
      },
      () => undefined, // stopped while waiting
    );
  }

  #crashed(code: number | null, signal: NodeJS.Signals | null): PatchwatchError {
    const how = signal === null ? `exit code ${code ?? 'unknown'}` : signal;
    return new PatchwatchError('SCORER_CRASHED', `scoring process ended (${how})`);
  }

  #whenReady(signal: AbortSignal): Promise<Socket> {
    return orAborted(this.#ready.promise, signal, this.#stop.signal);
  }
}
