// The part that captures: every camera from its source to the queue.
import { randomBytes } from 'node:crypto';

import { FfmpegBinary } from '../capture/ffmpeg-binary.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { PixelPool } from '../pipeline/pixel-pool.ts';
import { CameraIngest, type CameraWatcher } from './camera-ingest.ts';

export interface IngestRoleOptions {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
  /** Recordings only: where each camera's starts, in stream time. */
  readonly startAtMs: number | undefined;
  readonly firstSequence: number;
  readonly queue: FrameQueue;
  readonly pool: PixelPool;
  readonly watcher: CameraWatcher;
  readonly onCaptured: (camera: CameraId, count: number) => void;
  /** A frame that was captured and left out. */
  readonly onUnchanged: (camera: CameraId) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class IngestRole {
  readonly #options: IngestRoleOptions;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: IngestRoleOptions) {
    this.#options = options;
  }

  start(): void {
    const { config, cameras } = this.#options;
    const ffmpeg = new FfmpegBinary({ path: config.ffmpeg.path });
    const runId = randomBytes(4).toString('hex');
    this.#running = Promise.all(
      cameras.map((camera) =>
        new CameraIngest({ ...this.#options, camera, ffmpeg, runId }).run(this.#stop.signal),
      ),
    );
  }

  /** Resolves when every recording has ended; never with live cameras. */
  async untilSourcesEnd(): Promise<void> {
    await this.#running;
  }

  /** Ends every ffmpeg and hands on what was collected. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
