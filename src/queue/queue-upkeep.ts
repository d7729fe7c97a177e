// What a process that takes work does beside it: renews its leases, drops what waited too long although nobody
// offers, and mends what a crash or a lost command left behind: leases and lines without turns, a fetcher that
// fell silent.
import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { RedisLink } from '../redis/redis-link.ts';
import type { FrameScripts, ScriptSettings } from '../redis/frame-scripts.ts';
import type { SegmentLeases } from './segment-leases.ts';
import type { TurnClaims } from './turn-claims.ts';
import { nextTurnId, type Turn, type TurnQueue } from './turn-queue.ts';

const SWEEP_MS = 1_000;
const MOST_REISSUED = 1_000;
/** Leases older than this many lock times are looked after. */
const LEASE_LOCKS = 3;

export interface QueueUpkeepOptions {
  readonly link: RedisLink;
  readonly scripts: FrameScripts;
  readonly settings: () => ScriptSettings;
  readonly turns: TurnQueue;
  readonly leases: SegmentLeases;
  readonly claims: TurnClaims;
  readonly lockMs: number;
  readonly logger: Logger;
}

export class QueueUpkeep {
  readonly #options: QueueUpkeepOptions;
  readonly #busy = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  /** Waited longest at the last sweep, when no turn was there; one may have been on its way. */
  #withoutTurn = '';

  constructor(options: QueueUpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#timers.length > 0) return;
    const { lockMs } = this.#options;
    this.#timers = [
      setInterval(() => {
        this.#doAlone('renew', () => this.renew());
      }, lockMs / 3),
      setInterval(
        () => {
          this.#doAlone('sweep', () => this.#sweep());
        },
        Math.min(SWEEP_MS, lockMs / 2),
      ),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  async renew(): Promise<void> {
    const { turns, leases, claims, logger } = this.#options;
    const held = [...leases.turns, ...claims.held];
    if (held.length === 0) return;
    const lost = (await turns.renew(held)).filter((id) => leases.forget(id));
    if (lost.length > 0)
      logger.warn('leases ran out before they were renewed', { count: lost.length });
  }

  async #sweep(): Promise<void> {
    const { scripts, settings, turns, lockMs } = this.#options;
    const found = (await scripts.run('sweep', settings(), [LEASE_LOCKS * lockMs])) as Buffer[];
    const [oldest = '', ...leases] = found.map(String);
    const waitingTurns = await turns.waitingCount();
    turns.replaceWhenStuck(waitingTurns);
    const withoutTurn = waitingTurns === 0 ? oldest : '';
    if (withoutTurn !== '' && withoutTurn === this.#withoutTurn) await this.#reissue();
    this.#withoutTurn = withoutTurn;
    for (let index = 0; index + 1 < leases.length; index += 2)
      await this.#takeBackIfLost(leases[index] ?? '', leases[index + 1] ?? '');
  }

  async #reissue(): Promise<void> {
    const { scripts, settings, turns, logger } = this.#options;
    const rows = (await scripts.run('reissue', settings(), [MOST_REISSUED])) as (Buffer | number)[];
    const issued: Turn[] = [];
    for (let index = 0; index + 3 < rows.length; index += 4) {
      const [segment, camera, start, epoch] = rows.slice(index, index + 4);
      issued.push({
        id: nextTurnId(String(segment)),
        camera: String(camera),
        start: Number(start),
        epoch: Number(epoch),
      });
    }
    await turns.add(issued);
    logger.warn('frames waited without a turn: issued new ones', { turns: issued.length });
  }

  /** A turn that is gone can't stall: nobody else would ever take its segment over. */
  async #takeBackIfLost(turn: string, token: string): Promise<void> {
    const { turns, leases, logger } = this.#options;
    if (await turns.exists(turn)) return;
    logger.warn('a lease had lost its turn: the segment goes back', { turn });
    await leases.takeBack(turn, token, true);
  }

  #doAlone(what: string, work: () => Promise<void>): void {
    if (this.#busy.has(what) || !this.#options.link.isUp) return;
    this.#busy.add(what);
    work()
      .catch((error: unknown) => {
        this.#options.logger.debug(`queue upkeep failed`, {
          what,
          reason: toError(error).message,
        });
      })
      .finally(() => {
        this.#busy.delete(what);
      });
  }
}
