// From turns to leased segments: fetches as many turns as the frames asked for seem to need, and exchanges them
// for what is oldest in their cameras' lines. One at a time, so that two takers do not share a batch's turns.
import type { SegmentLease } from '../core/ports/frame-queue.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisScripts, ScriptSettings } from './redis-scripts.ts';
import { decodeSegment } from './segment-codec.ts';
import type { SegmentLeases } from './segment-leases.ts';
import type { HeldTurn, TurnQueue } from './turn-queue.ts';

const MOST_TURNS = 64;

export interface TurnClaimsOptions {
  readonly link: RedisLink;
  readonly scripts: RedisScripts;
  readonly settings: () => ScriptSettings;
  readonly turns: TurnQueue;
  readonly leases: SegmentLeases;
}

export interface Claimed {
  readonly leases: readonly SegmentLease[];
  /** Results wait for their reader: no more work for now. */
  readonly isBehind: boolean;
}

/** `lease` with facts, attempt and segment; or `void`, or `back`. */
type Answer = readonly [kind: Buffer, facts?: Buffer, attempt?: number, segment?: Buffer];

export class TurnClaims {
  readonly #options: TurnClaimsOptions;
  /** Fetched and not exchanged yet. */
  #held: HeldTurn[] = [];
  #typicalFrames = 1;
  #last: Promise<unknown> = Promise.resolve();
  #arrival: Promise<void> | undefined;

  constructor(options: TurnClaimsOptions) {
    this.#options = options;
  }

  get held(): readonly HeldTurn[] {
    return this.#held;
  }

  /** Takes what is there. */
  claim(maxFrames: number, isWanted: () => boolean): Promise<Claimed> {
    const work = this.#last.then(() =>
      isWanted() ? this.#claimSome(maxFrames) : { leases: [], isBehind: false },
    );
    this.#last = work.catch(() => undefined);
    return work;
  }

  /** Resolves when there may be something to claim. Shared by all who wait, and outlives their wait. */
  arrival(isWanted: () => boolean): Promise<void> {
    if (this.#held.length > 0) return Promise.resolve();
    this.#arrival ??= this.#options.turns
      .wait()
      .then((turn) => {
        if (turn !== undefined) this.#held.push(turn);
        // Those who waited have work: others may have it.
        if (!isWanted()) void this.putBack();
      })
      .finally(() => {
        this.#arrival = undefined;
      });
    return this.#arrival;
  }

  /** Nobody waits any more: others may have what was fetched. */
  async putBack(): Promise<void> {
    await Promise.all(this.#held.splice(0).map((turn) => this.#options.turns.putBack(turn)));
  }

  async #claimSome(maxFrames: number): Promise<Claimed> {
    const leases: SegmentLease[] = [];
    let frames = 0;
    let wanted = 1;
    let isBehind = false;
    while (frames < maxFrames && wanted > 0) {
      if (this.#held.length === 0) {
        const fetched = await this.#options.turns.fetch(wanted);
        this.#held.push(...fetched); // beside what was waited for meanwhile
      }
      if (this.#held.length === 0) break;
      const round = await this.#exchange(maxFrames, frames).catch((error: unknown) => {
        if (leases.length === 0) throw error; // the turns stay held
        return undefined;
      });
      if (round === undefined) break;
      leases.push(...round.leases);
      for (const { segment } of round.leases) frames += segment.stamps.length;
      isBehind = round.isBehind;
      const reach = Math.min(maxFrames - frames, round.waitingFrames);
      wanted = round.isFull ? 0 : Math.min(MOST_TURNS, Math.ceil(reach / this.#typicalFrames));
    }
    return { leases, isBehind };
  }

  async #exchange(maxFrames: number, frames: number) {
    const { scripts, settings, turns } = this.#options;
    const held = [...this.#held];
    const [isBehind, waitingFrames, answers] = (await scripts.run('claim', settings(), [
      maxFrames,
      frames,
      ...held.flatMap(({ id, token, camera, start, epoch }) => [id, token, camera, start, epoch]),
    ])) as [number, number, Answer[]];
    const leases = await this.#leasesOf(held, answers);
    // Not before: what fails until here is claimed again, under the same tokens.
    this.#held = this.#held.filter((turn) => !held.includes(turn));
    const kinds = answers.map(([kind]) => kind.toString());
    await Promise.all(
      held.map(async (turn, index) => {
        if (kinds[index] === 'void') await turns.complete(turn);
        else if (kinds[index] === 'back') await turns.putBack(turn);
      }),
    );
    return { leases, isBehind: isBehind === 1, waitingFrames, isFull: kinds.includes('back') };
  }

  async #leasesOf(
    held: readonly HeldTurn[],
    answers: readonly Answer[],
  ): Promise<readonly SegmentLease[]> {
    const { link, leases } = this.#options;
    const claimed = held.flatMap((turn, index) => {
      const [, facts, attempt, id] = answers[index] ?? [];
      return facts === undefined || attempt === undefined || id === undefined
        ? []
        : [{ turn, facts, attempt, key: `${link.prefix}:pixels:${id.toString()}` }];
    });
    if (claimed.length === 0) return [];
    const pixels = await link.commands.mgetBuffer(claimed.map(({ key }) => key));
    const made: SegmentLease[] = [];
    for (const [index, { turn, facts, attempt }] of claimed.entries()) {
      const bytes = pixels[index];
      const segment = decodeSegment(facts, bytes ?? Buffer.alloc(0));
      const lease = leases.lease(turn, segment, attempt);
      this.#typicalFrames = Math.max(1, segment.stamps.length);
      // They expired between the claim and now.
      if (bytes === null || bytes === undefined)
        await lease.settle({ kind: 'dropped', reason: 'too_old' });
      else made.push(lease);
    }
    return made;
  }
}
