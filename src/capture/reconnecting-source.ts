// Keeps a camera playing for as long as the daemon runs. States, each told to the listener:
//   connecting → up on the first frame; up → stalled after a silence, → up on the next frame;
//   any → down when the source fails or a camera's stream ends, → connecting after the back-off.
// Invariant: the listener hears `up` before the first frame after a connection reaches the sink, so
// that whoever joins frames into segments knows where a stream begins.
import { PatchwatchError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameSink, FrameSource } from '../core/ports/frame-source.ts';
import { backOffDelayMs } from '../core/back-off.ts';
import type { WatchedSource } from './watched-source.ts';

/** `attempt` counts failures in a row, from 1: a stream that breaks after a good frame is the first. */
export type SourceState =
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'up'; readonly attempt: number }
  | { readonly kind: 'stalled'; readonly silentMs: number }
  | {
      readonly kind: 'down';
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: PatchwatchError;
    };

export interface ReconnectingSourceOptions {
  readonly source: WatchedSource;
  readonly clock: Clock;
  /** 0 ≤ x < 1, for the jitter. */
  readonly random: () => number;
  readonly onState: (state: SourceState) => void;
}

/** ffmpeg itself may be installed, or come from a slow disk, while the daemon waits: that is no fault of the source. */
const isWorthRetrying = (error: PatchwatchError, { isEndless }: WatchedSource): boolean =>
  error.code === 'FFMPEG_MISSING' || (isEndless && error.retryable);

export class ReconnectingSource implements FrameSource {
  readonly #options: ReconnectingSourceOptions;

  constructor(options: ReconnectingSourceOptions) {
    this.#options = options;
  }

  get description(): string {
    return this.#options.source.description;
  }

  /**
   * Resolves when the signal aborts or a recording ends. Rejects only where trying again is of no
   * use: a failure that is not retryable, a failure of a recording played once, an error of the sink.
   */
  async play(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { clock, random, onState } = this.#options;
    for (let failureCount = 0; !signal.aborted;) {
      const attempt = failureCount + 1;
      onState({ kind: 'connecting', attempt });
      const { hasFrame, reason } = await this.#playOnce(sink, signal, attempt);
      if (reason === undefined) return;
      failureCount = hasFrame ? 1 : attempt;
      const delayMs = backOffDelayMs(failureCount, random, reason.code === 'SOURCE_REFUSED');
      onState({ kind: 'down', attempt: failureCount, delayMs, reason });
      await clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  async #playOnce(
    sink: FrameSink,
    signal: AbortSignal,
    attempt: number,
  ): Promise<{ readonly hasFrame: boolean; readonly reason: PatchwatchError | undefined }> {
    const { source, onState } = this.#options;
    let hasFrame = false;
    let isUp = false;
    const sawPicture = (): void => {
      if (!isUp) {
        isUp = true;
        onState({ kind: 'up', attempt });
      }
      hasFrame = true;
    };
    const observed: FrameSink = {
      reserve: () => sink.reserve(),
      commit: (time) => {
        sawPicture();
        return sink.commit(time);
      },
      leaveOut: (time, reason) => {
        sawPicture();
        sink.leaveOut?.(time, reason);
      },
    };
    try {
      await source.play(observed, signal, (silentMs) => {
        isUp = false;
        onState({ kind: 'stalled', silentMs });
      });
      const isOver = signal.aborted || !source.isEndless;
      return { hasFrame, reason: isOver ? undefined : this.#ended() };
    } catch (error) {
      if (!(error instanceof PatchwatchError) || !isWorthRetrying(error, source)) throw error;
      return { hasFrame, reason: error };
    }
  }

  #ended(): PatchwatchError {
    return new PatchwatchError(
      'SOURCE_UNREADABLE',
      `${this.description} ended its stream; check the camera if this goes on`,
    );
  }
}
