// One camera from its source to the queue: plays it, routes frames to scenes, assembles segments.
import type { FfmpegBinary } from '../capture/ffmpeg/ffmpeg-binary.ts';
import { ReconnectingSource, type SourceState } from '../capture/reconnecting-source.ts';
import type { CameraConfig } from '../config/config.ts';
import { abortWith } from '../core/deferred.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { CameraId } from '../core/ids.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { CameraState } from '../core/ports/live-state.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { FrameTime } from '../core/ports/frame-source.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { MedianOfSeven } from '../motion/median-kernel.ts';
import type { PixelPool } from './pixel-pool.ts';
import { SceneRouter } from './scene-router.ts';
import { SegmentAssembler } from './segment-assembler.ts';
import { gateOptions } from './static-gate.ts';
import { staticGateTap } from './static-gate-tap.ts';
import { cameraSource } from './camera-source.ts';
import type { FrameTap, LeftOutReason } from '../core/ports/frame-tap.ts';
import { FrameTaps } from './frame-taps.ts';
import { DamageReport } from './damage-report.ts';

/** Who is told what a camera does. */
export interface CameraWatcher {
  setState(camera: CameraId, state: CameraState, reason?: string): void;
}

export interface CameraIngestOptions {
  readonly camera: CameraConfig;
  /** Recordings only: where to start, in stream time. */
  readonly startAtMs: number | undefined;
  readonly ffmpeg: FfmpegBinary;
  readonly runId: string;
  readonly firstSequence: number;
  readonly queue: FrameQueue;
  readonly pool: PixelPool;
  readonly median: MedianOfSeven;
  readonly watcher: CameraWatcher;
  /** Who sees the frames of all cameras, besides what a camera has of its own. */
  readonly taps: readonly FrameTap[];
  readonly onCaptured: (camera: CameraId, count: number) => void;
  /** A frame that was captured and left out. */
  readonly onLeftOut: (camera: CameraId, reason: LeftOutReason) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class CameraIngest {
  readonly #options: CameraIngestOptions;
  readonly #assembler: SegmentAssembler;
  readonly #offers = new Set<Promise<void>>();

  constructor(options: CameraIngestOptions) {
    this.#options = options;
    const { camera, queue, clock, logger, meter } = options;
    const router = new SceneRouter(camera.scenes, camera.ignore);
    const damage = new DamageReport({ camera: camera.id, clock: options.clock, logger });
    this.#assembler = new SegmentAssembler({
      cameraId: camera.id,
      runId: options.runId,
      firstSequence: options.firstSequence,
      fps: camera.fps,
      maxLatencyMs: camera.maxLatencyMs,
      pool: options.pool,
      median: camera.stay ? options.median : undefined,
      clock: options.clock,
      sceneOf: (pixels, nowMs) => router.sceneOf(pixels, nowMs),
      onFrame: (time) => {
        this.#seen(time);
      },
      taps: new FrameTaps({
        cameraId: camera.id,
        taps: [
          ...(camera.staticGate
            ? [staticGateTap(gateOptions({ ...camera, ...camera.alert }))]
            : []),
          ...options.taps,
        ],
        clock,
        logger,
        meter,
      }),
      onLeftOut: (reason) => {
        if (reason === 'damaged') damage.add();
        options.onLeftOut(camera.id, reason);
      },
      onCaptured: (count) => {
        options.onCaptured(camera.id, count);
      },
      onSegment: (segment) => {
        const offer = queue
          .offer(segment)
          .catch((thrown: unknown) => {
            logger.error('queue refused a segment', { err: toError(thrown) });
          })
          .finally(() => this.#offers.delete(offer));
        this.#offers.add(offer);
      },
    });
  }

  /** Resolves when the signal aborts or a recording has ended, and the queue has what was captured; a camera that can't be played is reported, not thrown. */
  async run(signal: AbortSignal): Promise<void> {
    const { camera, watcher, clock, logger } = this.#options;
    // Cameras share the signal; Node takes more than ten listeners to one for a leak, and says so.
    const stop = new AbortController();
    const unlink = abortWith(stop, signal);
    const source = new ReconnectingSource({
      source: cameraSource(camera, {
        ffmpeg: this.#options.ffmpeg,
        realtime: camera.realtime,
        loop: camera.loop,
        ...(this.#options.startAtMs === undefined ? {} : { startAtMs: this.#options.startAtMs }),
        clock,
        logger: logger.child({ camera: camera.id }),
      }),
      clock,
      random: Math.random,
      onState: (state) => {
        this.#onState(state);
      },
    });
    try {
      await source.play(this.#assembler, stop.signal);
      // Told to stop is not at an end: a live camera has none.
      if (signal.aborted) return;
      watcher.setState(camera.id, 'ended');
      logger.info('recording has ended', { camera: camera.id });
    } catch (thrown) {
      // Ctrl-C at the terminal reaches ffmpeg too: what that looks like is no failure of the camera.
      if (signal.aborted) return;
      const error = toError(thrown);
      const reason =
        error instanceof PatchwatchError ? error.message : `internal: ${error.message}`;
      watcher.setState(camera.id, 'down', reason);
      logger.error('camera can’t be played', { camera: camera.id, reason });
    } finally {
      unlink();
      this.#options.meter.set('patchwatch_camera_up', { camera: camera.id }, 0);
      this.#assembler.flush();
      await Promise.all(this.#offers);
    }
  }

  #seen({ capturedAtMs }: FrameTime): void {
    const { camera, meter } = this.#options;
    const labels = { camera: camera.id };
    meter.set('patchwatch_camera_last_frame_timestamp_seconds', labels, capturedAtMs / 1_000);
  }

  #onState(state: SourceState): void {
    const { camera, watcher, meter, logger } = this.#options;
    const labels = { camera: camera.id };
    meter.set('patchwatch_camera_up', labels, state.kind === 'up' ? 1 : 0);
    if (state.kind === 'up') this.#assembler.reset();
    if (state.kind === 'down') this.#assembler.flush();
    if (state.kind === 'connecting' && state.attempt > 1) {
      meter.add('patchwatch_camera_reconnects_total', labels);
    }
    if (state.kind === 'down') {
      logger.warn('camera is down', {
        camera: camera.id,
        attempt: state.attempt,
        retryInMs: Math.round(state.delayMs),
        reason: state.reason.message,
      });
    } else logger.info(`camera is ${state.kind}`, { camera: camera.id });
    watcher.setState(
      camera.id,
      state.kind,
      state.kind === 'down' ? state.reason.message : undefined,
    );
  }
}
