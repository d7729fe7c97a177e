// What an ingest process tells the gateway of its cameras: their states, and the latest frames of those that are
// looked at.
import type { FrameStamp } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { CameraState } from '../core/ports/live-state.ts';
import type { RedisFrames } from '../redis/redis-frames.ts';
import type { IngestFacts } from '../redis/redis-presence.ts';
import type { CameraWatcher } from './camera-ingest.ts';
import type { FrameTap } from '../core/ports/frame-tap.ts';

/** A page does not show more. */
const FRAME_INTERVAL_MS = 180;

interface Report {
  state: CameraState;
  reason: string | undefined;
  isSending: boolean;
}

export interface IngestReportsOptions {
  readonly cameras: readonly CameraId[];
  readonly frames: RedisFrames;
  readonly isUp: () => boolean;
  /** Something changed that should be told before the next beat. */
  readonly onChange: () => void;
}

export class IngestReports implements CameraWatcher {
  readonly #options: IngestReportsOptions;
  readonly #reports: ReadonlyMap<CameraId, Report>;
  #wanted: ReadonlySet<CameraId> = new Set();

  constructor(options: IngestReportsOptions) {
    this.#options = options;
    this.#reports = new Map(
      options.cameras.map((camera) => [
        camera,
        { state: 'connecting', reason: undefined, isSending: false },
      ]),
    );
  }

  facts(): IngestFacts {
    const cameras = [...this.#reports].map(([cameraId, { state, reason }]) => ({
      cameraId,
      state,
      reason,
    }));
    return { role: 'ingest', cameras };
  }

  /** Asks which cameras are looked at. */
  async refresh(): Promise<void> {
    this.#wanted = await this.#options.frames.wanted();
  }

  setState(camera: CameraId, state: CameraState, reason?: string): void {
    const report = this.#reports.get(camera);
    if (report === undefined || (report.state === state && report.reason === reason)) return;
    report.state = state;
    report.reason = reason;
    this.#options.onChange();
  }

  /** Sends the latest frames of cameras that are looked at. */
  get tap(): FrameTap {
    return {
      name: 'live',
      everyMs: FRAME_INTERVAL_MS,
      budgetMs: 1,
      see: ({ cameraId, pixels, stamp }) => {
        this.#send(cameraId, pixels, stamp);
        return undefined;
      },
    };
  }

  #send(camera: CameraId, pixels: Uint8Array, stamp: FrameStamp): void {
    const report = this.#reports.get(camera);
    if (report === undefined || report.isSending || !this.#wanted.has(camera)) return;
    if (!this.#options.isUp()) return;
    report.isSending = true;
    this.#options.frames
      .show(camera, { stamp, pixels: Buffer.from(pixels) })
      .catch(() => undefined) // the next frame is as good
      .finally(() => {
        report.isSending = false;
      });
  }
}
