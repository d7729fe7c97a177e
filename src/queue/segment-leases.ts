// The segments that this process holds: renewed while it lives, ended once. A lease that another worker took
// over, because this one was silent for too long, changes nothing any more.
import { orAborted } from '../core/deferred.ts';
import { toError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { SegmentLease, SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { RedisScripts, ScriptSettings } from './redis-scripts.ts';
import { encodeOutcome } from './segment-codec.ts';
import type { HeldTurn, TurnQueue } from './turn-queue.ts';

export interface SegmentLeasesOptions {
  readonly scripts: RedisScripts;
  readonly settings: () => ScriptSettings;
  readonly turns: TurnQueue;
  /** Resolves when there is no more waiting for Redis. */
  readonly deadline: AbortSignal;
  readonly logger: Logger;
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

  lease(turn: HeldTurn, segment: Segment, attempt: number): SegmentLease {
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
      giveBack: () => end('given back', () => this.takeBack(turn.id, turn.token)),
    };
  }

  /** Puts a leased segment back into its line, whoever held it; only while the token is right. */
  async takeBack(turn: string, token: string): Promise<void> {
    const { scripts, settings, turns } = this.#options;
    const [camera, start, epoch, attempt] = (await scripts.run('give-back', settings(), [
      turn,
      token,
    ])) as [Buffer?, number?, number?, number?];
    if (camera === undefined || start === undefined || epoch === undefined) return;
    const id = `${turn}~${attempt ?? 0}`;
    await turns.add([{ id, camera: camera.toString(), start, epoch }]);
  }

  /** Never rejects: what Redis does not learn now, it learns when the lease runs out. */
  async #end(turn: HeldTurn, what: string, work: () => Promise<void>): Promise<void> {
    const { turns, deadline, logger } = this.#options;
    const ending = work().then(
      () => turns.complete(turn),
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
    const { scripts, settings, logger } = this.#options;
    const { header, maps } = encodeOutcome(outcome);
    const reason = outcome.kind === 'dropped' ? outcome.reason : '';
    const values = [turn.id, turn.token, header, reason, maps];
    if ((await scripts.run('settle', settings(), values)) === 0) {
      logger.warn('segment was taken over meanwhile: this result is not used', {
        segment: segment.id,
      });
    }
  }
}
