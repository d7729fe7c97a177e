// The part that captures: every camera from its source to the queue.
import { randomBytes } from 'node:crypto';

import { FfmpegBinary } from '../capture/ffmpeg/ffmpeg-binary.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import { loadConfigInPart } from '../config/load-config.ts';
import { untilAddressKnown } from './camera-address.ts';
import { CameraIngest, type CameraIngestOptions } from './camera-ingest.ts';

/** What all cameras share, and which there are. */
export interface IngestOptions extends Omit<CameraIngestOptions, 'camera' | 'ffmpeg' | 'runId'> {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  start(): void {
    const { config, cameras } = this.#options;
    const ffmpeg = new FfmpegBinary({ path: config.ffmpeg.path });
    const runId = randomBytes(4).toString('hex');
    this.#running = Promise.all(cameras.map((camera) => this.#ingest(camera, ffmpeg, runId)));
  }

  async #ingest(camera: CameraConfig, ffmpeg: FfmpegBinary, runId: string): Promise<void> {
    const { config, watcher, meter } = this.#options;
    const known = await untilAddressKnown(
      {
        ...this.#options,
        camera,
        reload: () => loadConfigInPart(config.path, process.env),
        onFault: (reason) => {
          meter.set('patchwatch_camera_up', { camera: camera.id }, 0);
          watcher.setState(camera.id, 'failed', reason);
        },
      },
      this.#stop.signal,
    );
    if (known === undefined) return;
    await new CameraIngest({ ...this.#options, camera: known, ffmpeg, runId }).run(
      this.#stop.signal,
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
