// The readers of all cameras, and since when each has had nothing to read.
import type { CameraConfig } from '../config/config.ts';
import type { Event } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { SegmentScore } from '../core/segment-score.ts';
import { readerFor } from './reader-for.ts';
import type { ReaderState, ScoredFrame, ScoreReader } from './score-reader.ts';

export interface CameraReadersOptions {
  readonly cameras: readonly CameraConfig[];
  /** Frames of the camera that are captured and not read yet. */
  readonly isUnderWay: (camera: CameraId) => boolean;
  readonly onFrame: (frame: ScoredFrame) => void;
  readonly onEvent: (event: Event) => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

export class CameraReaders {
  readonly #options: CameraReadersOptions;
  readonly #readers: ReadonlyMap<CameraId, ScoreReader>;
  /** When the last frame of each camera was read, on the monotonic clock. */
  readonly #lastReadMs = new Map<CameraId, number>();

  constructor(options: CameraReadersOptions) {
    this.#options = options;
    const { onFrame, onEvent } = options;
    this.#readers = new Map(
      options.cameras.map((camera) => [
        camera.id,
        readerFor(camera, {
          onFrame: (frame) => {
            this.#saw(frame.cameraId);
            onFrame(frame);
          },
          onAlert: onEvent,
          onView: onEvent,
        }),
      ]),
    );
  }

  read(score: SegmentScore): void {
    this.#readers.get(score.cameraId)?.read(score);
  }

  /** What is known of the camera's past; undefined before its first frame. */
  stateOf(camera: CameraId): ReaderState | undefined {
    return this.#readers.get(camera)?.state;
  }

  /** Goes on from where another process stood; silence is measured from now. */
  resume(camera: CameraId, state: ReaderState): void {
    this.#readers.get(camera)?.resume(state);
    this.#saw(camera);
  }

  /** Its frames count from elsewhere: what was known of its past is over. */
  restart(camera: CameraId): void {
    this.#readers.get(camera)?.restart();
  }

  /** Closes what is open of cameras that fell silent. One whose frames wait for a worker says nothing yet. */
  closeSilent(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [camera, lastReadMs] of this.#lastReadMs) {
      if (this.#options.isUnderWay(camera)) continue;
      this.#readers.get(camera)?.expire(nowMs - lastReadMs);
    }
  }

  /** Nothing more will be read: what is open closes. */
  closeAll(): void {
    for (const reader of this.#readers.values()) reader.expire(Infinity);
  }

  #saw(camera: CameraId): void {
    this.#lastReadMs.set(camera, this.#options.clock.monotonicMs());
  }
}
