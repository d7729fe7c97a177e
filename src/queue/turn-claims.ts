// From turns to leased segments: fetches as many turns as the frames asked for seem to need, and exchanges them
// for what is oldest in their cameras' lines. Takers claim side by side, each with turns of its own: where Redis is
// far away, one after the other would be slower than frames come.
import type { Segment } from '../core/frame.ts';
import { EntryError } from '../entries/parse-entry.ts';
import type { RedisLink } from '../redis/redis-link.ts';
import type { FrameScripts, ScriptSettings } from '../redis/frame-scripts.ts';
import { decodeSegment } from '../redis/segment-codec.ts';
import type { HeldLease, SegmentLeases } from './segment-leases.ts';
import { segmentOfTurn, type HeldTurn, type TurnQueue } from './turn-queue.ts';

const MOST_TURNS = 64;
/** Where an answer takes longer, turns are asked for before it is known that there are any. */
const FAR_MS = 20;
const FAR_TURNS = 8;

export interface TurnClaimsOptions {
  readonly link: RedisLink;
  readonly scripts: FrameScripts;
  readonly settings: () => ScriptSettings;
  readonly turns: TurnQueue;
  readonly leases: SegmentLeases;
}

export interface Claimed {
  readonly leases: readonly HeldLease[];
  /** Results wait for their reader: no more work for now. */
  readonly isBehind: boolean;
}

/** `lease` with facts, attempt, segment and frames; or `void`, or `back`. */
type Answer = readonly [
  kind: Buffer,
  facts?: Buffer,
  attempt?: number,
  segment?: Buffer,
  frames?: number,
];

interface Claim {
  readonly turn: HeldTurn;
  readonly facts: Buffer;
  readonly attempt: number;
  readonly id: string;
  readonly frames: number;
}

const NOTHING: Claimed = { leases: [], isBehind: false };

type PixelsById = Map<string, Buffer | null>;

export class TurnClaims {
  readonly #options: TurnClaimsOptions;
  /** Fetched and not exchanged yet. */
  readonly #held: HeldTurn[] = [];
  /** Their claim may have been made although it was not answered. */
  readonly #doubtful = new Set<string>();
  readonly #exchanging = new Set<HeldTurn>();
  #typicalFrames = 1;
  #wasBehind = false;
  #roundTripMs = 0;
  #arrival: Promise<void> | undefined;

  constructor(options: TurnClaimsOptions) {
    this.#options = options;
  }

  get held(): readonly HeldTurn[] {
    return [...this.#held, ...this.#exchanging];
  }

  /** Takes what is there. */
  claim(maxFrames: number, isWanted: () => boolean): Promise<Claimed> {
    return isWanted() ? this.#claimSome(maxFrames) : Promise.resolve(NOTHING);
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
    await Promise.all(this.#held.splice(0).map((turn) => this.#putBack(turn)));
  }

  /** One whose claim was not answered may have become a lease, which nobody has tried. */
  async #putBack(turn: HeldTurn): Promise<void> {
    const { turns, leases, link } = this.#options;
    if (this.#doubtful.delete(turn.id) && link.isUp) {
      const isBack = await leases.takeBack(turn.id, turn.token, false).catch(() => false);
      if (isBack) return turns.complete(turn);
    }
    return turns.putBack(turn);
  }

  async #claimSome(maxFrames: number): Promise<Claimed> {
    const leases: HeldLease[] = [];
    let frames = 0;
    let wanted = this.#roundTripMs < FAR_MS ? 1 : FAR_TURNS;
    let isBehind = false;
    while (frames < maxFrames && wanted > 0) {
      const round = await this.#round(wanted, maxFrames, frames).catch((error: unknown) => {
        // The turns stay held; the leases that are there must not be lost with them.
        if (leases.length === 0) throw error;
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

  /** Undefined when there is no turn. */
  async #round(wanted: number, maxFrames: number, frames: number) {
    if (this.#held.length === 0) {
      const fetched = await this.#options.turns.fetch(wanted);
      this.#held.push(...fetched); // beside what was waited for meanwhile
    }
    if (this.#held.length === 0) return undefined;
    const held = this.#held.splice(0);
    for (const turn of held) this.#exchanging.add(turn);
    try {
      return await this.#exchange(held, maxFrames, frames);
    } catch (error) {
      // It is claimed again, under the same tokens.
      this.#held.push(...held);
      throw error;
    } finally {
      for (const turn of held) this.#exchanging.delete(turn);
    }
  }

  async #exchange(held: readonly HeldTurn[], maxFrames: number, frames: number) {
    const { scripts, settings, turns } = this.#options;
    const startMs = performance.now();
    const claiming = scripts.run('claim', settings(), [
      maxFrames,
      frames,
      ...held.flatMap(({ id, token, camera, start, epoch }) => [id, token, camera, start, epoch]),
    ]);
    const reading = this.#readAhead(held, maxFrames - frames);
    reading.catch(() => undefined); // nobody waits for it when the claim fails
    for (const { id } of held) this.#doubtful.add(id);
    const [isBehind, waitingFrames, answers] = (await claiming) as [number, number, Answer[]];
    this.#roundTripMs = performance.now() - startMs;
    const leases = await this.#leasesOf(claimsOf(held, answers), await reading);
    for (const { id } of held) this.#doubtful.delete(id);
    const kinds = answers.map(([kind]) => kind.toString());
    await Promise.all(
      held.map(async (turn, index) => {
        if (kinds[index] === 'void') turns.completeSoon(turn);
        else if (kinds[index] === 'back') await turns.putBack(turn);
      }),
    );
    this.#wasBehind = isBehind === 1;
    return { leases, isBehind: this.#wasBehind, waitingFrames, isFull: kinds.includes('back') };
  }

  /**
   * In the same round trip as the claim: a turn is mostly exchanged for the segment that it was issued for. What is
   * not there, or was not asked for, is read afterwards.
   */
  async #readAhead(held: readonly HeldTurn[], room: number): Promise<PixelsById> {
    const count = this.#wasBehind ? 0 : Math.ceil(room / this.#typicalFrames);
    return this.#readPixels(held.slice(0, count).map(({ id }) => segmentOfTurn(id)));
  }

  async #readPixels(ids: readonly string[]): Promise<PixelsById> {
    if (ids.length === 0) return new Map();
    const { link } = this.#options;
    const keys = ids.map((id) => `${link.prefix}:pixels:${id}`);
    const pixels = await link.commands.mgetBuffer(keys);
    return new Map(ids.map((id, index) => [id, pixels[index] ?? null]));
  }

  async #leasesOf(claims: readonly Claim[], pixels: PixelsById): Promise<readonly HeldLease[]> {
    const missing = claims.map(({ id }) => id).filter((id) => (pixels.get(id) ?? null) === null);
    for (const [id, bytes] of await this.#readPixels(missing)) pixels.set(id, bytes);
    const made: HeldLease[] = [];
    for (const claim of claims) {
      const segment = await this.#decode(claim, pixels.get(claim.id) ?? Buffer.alloc(0));
      if (segment === undefined) continue;
      const lease = this.#options.leases.lease(claim.turn, segment, claim.attempt);
      this.#typicalFrames = Math.max(1, segment.stamps.length);
      // They expired between the claim and now.
      if (segment.pixels.length === 0) await lease.settle({ kind: 'dropped', reason: 'too_old' });
      else made.push(lease);
    }
    return made;
  }

  /** Undefined for what does not read as a segment: it is set aside and ends here, beside the others. */
  async #decode({ turn, facts, id, frames }: Claim, pixels: Buffer): Promise<Segment | undefined> {
    const { link, leases } = this.#options;
    try {
      const segment = decodeSegment(facts, pixels);
      if (segment.id !== id || segment.cameraId !== turn.camera)
        throw new EntryError('facts are of another segment');
      if (segment.stamps.length !== frames)
        throw new EntryError(`facts.stamps has ${segment.stamps.length} where ${frames} belong`);
      return segment;
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      const place = `${link.prefix}:segment:${id}`;
      link.setAside('segment', { place, reason: error.message, entry: facts });
      await leases.discard(turn);
      return undefined;
    }
  }
}

const claimsOf = (held: readonly HeldTurn[], answers: readonly Answer[]): readonly Claim[] =>
  held.flatMap((turn, index) => {
    const [, facts, attempt, id, frames] = answers[index] ?? [];
    return facts === undefined || attempt === undefined || id === undefined || frames === undefined
      ? []
      : [{ turn, facts, attempt, id: id.toString(), frames }];
  });
