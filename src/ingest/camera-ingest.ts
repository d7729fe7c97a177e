// One camera from its source to the queue: plays it, routes frames to scenes, assembles segments.
import { FfmpegSource } from '../capture/ffmpeg-source.ts';
import type { FfmpegBinary } from '../capture/ffmpeg/ffmpeg-binary.ts';
import { ReconnectingSource, type SourceState } from '../capture/reconnecting-source.ts';
import type { CameraConfig } from '../config/config.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { FrameStamp } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { CameraState } from '../core/ports/live-state.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { FrameTime } from '../core/ports/frame-source.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { PixelPool } from './pixel-pool.ts';
import { SceneRouter } from './scene-router.ts';
import { SegmentAssembler, type LeftOutReason } from './segment-assembler.ts';
import { StaticGate, gateOptions } from './static-gate.ts';
import { DamageReport } from './damage-report.ts';

/** Who is told what a camera does. */
export interface CameraWatcher {
  setState(camera: CameraId, state: CameraState, reason?: string): void;
  /** The frame's memory is used again after the call. */
  showFrame(camera: CameraId, pixels: Uint8Array, stamp: FrameStamp): void;
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
  readonly watcher: CameraWatcher;
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
    const { camera, queue, watcher, logger } = options;
    const router = new SceneRouter(camera.scenes);
    const damage = new DamageReport({ camera: camera.id, clock: options.clock, logger });
    this.#assembler = new SegmentAssembler({
      cameraId: camera.id,
      runId: options.runId,
      firstSequence: options.firstSequence,
      fps: camera.fps,
      maxLatencyMs: camera.maxLatencyMs,
      pool: options.pool,
      clock: options.clock,
      sceneOf: (pixels, nowMs) => router.sceneOf(pixels, nowMs),
      onFrame: (pixels, stamp) => {
        watcher.showFrame(camera.id, pixels, stamp);
        this.#seen(stamp);
      },
      gate: camera.staticGate
        ? new StaticGate(gateOptions({ ...camera, ...camera.alert }))
        : undefined,
      onLeftOut: (time, reason) => {
        if (reason === 'damaged') damage.add();
        this.#seen(time);
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
    const stop = AbortSignal.any([signal]);
    const source = new ReconnectingSource({
      source: new FfmpegSource({
        url: camera.url,
        ffmpeg: this.#options.ffmpeg,
        fps: camera.fps,
        decoding: { frames: camera.decode, lowres: camera.lowres },
        transport: camera.transport,
        realtime: camera.realtime,
        loop: camera.loop,
        stallTimeoutMs: camera.stallTimeoutMs,
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
      await source.play(this.#assembler, stop);
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
