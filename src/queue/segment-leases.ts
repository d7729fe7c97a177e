// The segments that this process holds: renewed while it lives, ended once. A lease that another worker took
// over, because this one was silent for too long, changes nothing any more.
import { orAborted } from '../core/deferred.ts';
import { toError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { DropReason, SegmentLease, SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { FrameScripts, ScriptSettings } from '../redis/frame-scripts.ts';
import { encodeOutcome } from '../redis/segment-codec.ts';
import { nextTurnId, type HeldTurn, type TurnQueue } from './turn-queue.ts';

export interface SegmentLeasesOptions {
  readonly scripts: FrameScripts;
  readonly settings: () => ScriptSettings;
  readonly turns: TurnQueue;
  /** Resolves when there is no more waiting for Redis. */
  readonly deadline: AbortSignal;
  readonly logger: Logger;
}

export interface HeldLease extends SegmentLease {
  /** Nobody tried it, as whoever asked for it has gone: it goes back as it was. */
  abandon(): Promise<void>;
}

export class SegmentLeases {
  readonly #options: SegmentLeasesOptions;
  readonly #held = new Map<string, HeldTurn>();

  constructor(options: SegmentLeasesOptions) {
    this.#options = options;
  }

  get turns(): readonly HeldTurn[] {
    return [...this.#held.values()];
  }

  /** Its lock was lost: it is not renewed any more. False when it had ended anyway. */
  forget(turn: string): boolean {
    return this.#held.delete(turn);
  }

  lease(turn: HeldTurn, segment: Segment, attempt: number): HeldLease {
    this.#held.set(turn.id, turn);
    let isOver = false;
    const end = async (what: string, work: () => Promise<void>): Promise<void> => {
      if (isOver) return;
      isOver = true;
      this.#held.delete(turn.id);
      await this.#end(turn, what, work);
    };
    return {
      segment,
      attempt,
      settle: (outcome) => end('settled', () => this.#settle(turn, segment, outcome)),
      giveBack: () => end('given back', () => this.#takeBack(turn, true)),
      abandon: () => end('given back', () => this.#takeBack(turn, false)),
    };
  }

  /** For a claim whose facts nobody can read: counted as dropped. */
  async discard(turn: HeldTurn): Promise<void> {
    await this.#end(turn, 'discarded', () => this.#settleAs(turn, '', 'invalid', Buffer.alloc(0)));
  }

  /**
   * Puts a leased segment back into its line, whoever held it; only while the token is right.
   *
   * @param isAttempt somebody tried it and failed
   * @returns whether there was such a lease
   */
  async takeBack(turn: string, token: string, isAttempt: boolean): Promise<boolean> {
    const { scripts, settings, turns } = this.#options;
    const values = [turn, token, isAttempt ? 1 : 0];
    const [had, camera, start, epoch] = (await scripts.run('give-back', settings(), values)) as [
      number,
      Buffer?,
      number?,
      number?,
    ];
    if (camera !== undefined && start !== undefined && epoch !== undefined) {
      const id = nextTurnId(turn);
      await turns.add([{ id, camera: camera.toString(), start, epoch }]);
    }
    return had === 1;
  }

  async #takeBack(turn: HeldTurn, isAttempt: boolean): Promise<void> {
    await this.takeBack(turn.id, turn.token, isAttempt);
  }

  /** Never rejects: what Redis does not learn now, it learns when the lease runs out. */
  async #end(turn: HeldTurn, what: string, work: () => Promise<unknown>): Promise<void> {
    const { turns, deadline, logger } = this.#options;
    const ending = work().then(
      () => {
        turns.completeSoon(turn);
      },
      (error: unknown) => {
        const reason = toError(error).message;
        logger.warn(`segment could not be ${what}: its lease will run out`, {
          turn: turn.id,
          reason,
        });
      },
    );
    await orAborted(ending, deadline).catch(() => undefined);
  }

  async #settle(turn: HeldTurn, segment: Segment, outcome: SegmentOutcome): Promise<void> {
    const { header, maps } = encodeOutcome(outcome);
    const reason = outcome.kind === 'dropped' ? outcome.reason : '';
    if (await this.#settleAs(turn, header, reason, maps)) return;
    this.#options.logger.warn('segment was taken over meanwhile: this result is not used', {
      segment: segment.id,
    });
  }

  /** False when the lease is no longer ours. */
  async #settleAs(
    turn: HeldTurn,
    header: string,
    reason: DropReason | '',
    maps: Buffer,
  ): Promise<boolean> {
    const { scripts, settings } = this.#options;
    const values = [turn.id, turn.token, header, reason, maps];
    return (await scripts.run('settle', settings(), values)) !== 0;
  }
}
