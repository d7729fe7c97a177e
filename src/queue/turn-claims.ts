// From turns to leased segments: fetches as many turns as the frames asked for seem to need, and exchanges them
// for what is oldest in their cameras' lines. One at a time, so that two takers do not share a batch's turns.
import type { SegmentLease } from '../core/ports/frame-queue.ts';
import type { RedisScripts, ScriptSettings } from './redis-scripts.ts';
import { decodeSegment } from './segment-codec.ts';
import type { SegmentLeases } from './segment-leases.ts';
import type { HeldTurn, TurnQueue } from './turn-queue.ts';

const MOST_TURNS = 64;

export interface TurnClaimsOptions {
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

type Answer =
  readonly ['void' | 'back'] | readonly ['lease', facts: Buffer, attempt: number, pixels: Buffer];

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

  /** Resolves when there may be something to claim. Shared by all who wait. */
  arrival(): Promise<void> {
    if (this.#held.length > 0) return Promise.resolve();
    this.#arrival ??= this.#options.turns
      .wait()
      .then((turn) => {
        if (turn !== undefined) this.#held.push(turn);
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
      const turns = this.#held.length > 0 ? this.#held : await this.#options.turns.fetch(wanted);
      if (turns.length === 0) break;
      this.#held = [...turns];
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
    const held = this.#held;
    const [isBehind, waitingFrames, answers] = (await scripts.run('claim', settings(), [
      maxFrames,
      frames,
      ...held.flatMap(({ id, token, camera, start, epoch }) => [id, token, camera, start, epoch]),
    ])) as [number, number, [Buffer, Buffer, number, Buffer][]];
    this.#held = this.#held.filter((turn) => !held.includes(turn));
    const leases: SegmentLease[] = [];
    const rest: Promise<void>[] = [];
    let isFull = false;
    for (const [index, turn] of held.entries()) {
      const answer = readAnswer(answers[index]);
      if (answer[0] === 'lease') leases.push(this.#lease(turn, answer));
      else if (answer[0] === 'void') rest.push(turns.complete(turn));
      else {
        isFull = true;
        rest.push(turns.putBack(turn));
      }
    }
    await Promise.all(rest);
    return { leases, isBehind: isBehind === 1, waitingFrames, isFull };
  }

  #lease(
    turn: HeldTurn,
    [, facts, attempt, pixels]: Extract<Answer, readonly ['lease', ...unknown[]]>,
  ) {
    const segment = decodeSegment(facts, pixels);
    this.#typicalFrames = Math.max(1, segment.stamps.length);
    return this.#options.leases.lease(turn, segment, attempt);
  }
}

const readAnswer = (answer: readonly [Buffer, Buffer, number, Buffer] | undefined): Answer => {
  const kind = answer?.[0].toString();
  if (answer !== undefined && kind === 'lease') return ['lease', answer[1], answer[2], answer[3]];
  return [kind === 'void' ? 'void' : 'back'];
};
