// The taps of one camera: each sees its frames as often as it may and within its budget of time, so that none can hold
// up capture; one that throws is told of, and the frame goes on.
import type { CameraId } from '../core/ids.ts';
import { toError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameTap, LeftOutReason, TappedFrame } from '../core/ports/frame-tap.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';

/** Frames over budget that a tap may be in debt of before it misses some. */
const MAX_DEBT_FRAMES = 20;

interface Turn {
  readonly tap: FrameTap;
  nextAtMs: number;
  /** Time taken beyond the budget, milliseconds. */
  debtMs: number;
  hasFailed: boolean;
}

export interface FrameTapsOptions {
  readonly cameraId: CameraId;
  /** In the order in which they see a frame. */
  readonly taps: readonly FrameTap[];
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class FrameTaps {
  readonly #options: FrameTapsOptions;
  readonly #turns: readonly Turn[];

  constructor(options: FrameTapsOptions) {
    this.#options = options;
    this.#turns = options.taps.map((tap) => ({
      tap,
      nextAtMs: -Infinity,
      debtMs: 0,
      hasFailed: false,
    }));
  }

  /** Why the frame is left out, if a tap says so. */
  see(frame: TappedFrame): LeftOutReason | undefined {
    for (const turn of this.#turns) {
      const reason = this.#show(turn, frame);
      if (reason !== undefined && frame.sceneId !== undefined) return reason;
    }
    return undefined;
  }

  reset(): void {
    for (const { tap } of this.#turns) tap.reset?.(this.#options.cameraId);
  }

  #show(turn: Turn, frame: TappedFrame): LeftOutReason | undefined {
    const { tap } = turn;
    const { clock, logger, meter, cameraId } = this.#options;
    const startMs = clock.monotonicMs();
    if (startMs < turn.nextAtMs) return undefined;
    turn.nextAtMs = startMs + tap.everyMs;
    if (turn.debtMs > MAX_DEBT_FRAMES * tap.budgetMs) {
      turn.debtMs -= tap.budgetMs;
      meter.add('patchwatch_tap_skipped_total', { tap: tap.name });
      return undefined;
    }
    try {
      return tap.see(frame);
    } catch (thrown) {
      meter.add('patchwatch_tap_failures_total', { tap: tap.name });
      if (!turn.hasFailed)
        logger.error('a tap of frames failed', {
          tap: tap.name,
          camera: cameraId,
          err: toError(thrown),
        });
      turn.hasFailed = true;
      return undefined;
    } finally {
      turn.debtMs = Math.max(0, turn.debtMs + clock.monotonicMs() - startMs - tap.budgetMs);
    }
  }
}
