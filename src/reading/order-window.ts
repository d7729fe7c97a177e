// Puts one camera's segments back in order when several workers score them: what comes early waits for what is
// missing, at most so long and so many frames; what comes after its turn was given up is late, and left out.
import { RUN_SEQUENCES } from '../core/frame.ts';
import type { Clock } from '../core/ports/clock.ts';

/** Before the first segment of a new run of capture nothing has to be missing: the old run ended where it ended. */
const RUN_START_WAIT_MS = 2_000;
/** So many segments that go on and on behind what was released, over so many times the longest wait. */
const LATE_IN_A_ROW = 8;
const LATE_WAITS = 3;

export interface OrderWindowOptions {
  /** Sequence of the first frame that is expected. */
  readonly next: number;
  /** Frames that may wait; beyond that the gap before the first is given up. */
  readonly maxFrames: number;
  /** How long a segment waits for those before it. */
  readonly maxWaitMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Something that takes the place of frames `first` to `last`. */
export interface Placed {
  readonly first: number;
  readonly last: number;
}

interface Held<Value extends Placed> {
  readonly value: Value;
  readonly dueMs: number;
}

export class OrderWindow<Value extends Placed> {
  readonly #options: OrderWindowOptions;
  /** In order of sequence. */
  #held: Held<Value>[] = [];
  #heldFrames = 0;
  /** Since the last one that was in time: only what comes behind, each above the one before. */
  #late = { sinceMs: 0, highest: -1, count: 0 };
  #next: number;

  constructor(options: OrderWindowOptions) {
    this.#options = options;
    this.#next = options.next;
  }

  /** Sequence of the next frame: what is before it was released or given up. */
  get next(): number {
    return this.#next;
  }

  /** False when it was seen before or its turn is over: then it is not kept. */
  push(value: Value): boolean {
    if (value.first < this.#next) {
      this.#countLate(value);
      return false;
    }
    this.#late.count = 0;
    const place = this.#held.findIndex((other) => other.value.first >= value.first);
    if (this.#held[place]?.value.first === value.first) return false;
    const { maxWaitMs, clock } = this.#options;
    const waitMs =
      value.first % RUN_SEQUENCES === 0 ? Math.min(RUN_START_WAIT_MS, maxWaitMs) : maxWaitMs;
    const held = { value, dueMs: clock.monotonicMs() + waitMs };
    this.#held.splice(place === -1 ? this.#held.length : place, 0, held);
    this.#heldFrames += size(value);
    return true;
  }

  /**
   * What comes is counted lower than what was released, and has been for long: that one was no frame of this count.
   * Late ones are few, and others come in time beside them.
   */
  get isMisled(): boolean {
    const { maxWaitMs, clock } = this.#options;
    const { sinceMs, count } = this.#late;
    return count >= LATE_IN_A_ROW && clock.monotonicMs() - sinceMs >= LATE_WAITS * maxWaitMs;
  }

  /** Expects this frame next, whatever was released before. */
  restart(next: number): void {
    this.#next = next;
    this.#late = { sinceMs: 0, highest: -1, count: 0 };
  }

  #countLate({ first }: Value): void {
    if (this.#late.count === 0)
      this.#late = { sinceMs: this.#options.clock.monotonicMs(), highest: first - 1, count: 0 };
    if (first <= this.#late.highest) return; // told again, or really late
    this.#late.highest = first;
    this.#late.count += 1;
  }

  /** What may go on now, in order, each once. */
  take(): readonly Value[] {
    const nowMs = this.#options.clock.monotonicMs();
    const overdue = this.#held.findLastIndex(({ dueMs }) => dueMs <= nowMs);
    const released = this.#held.splice(0, overdue + 1).map(({ value }) => this.#release(value));
    for (;;) {
      const [first] = this.#held;
      if (first === undefined) return released;
      if (first.value.first > this.#next && this.#heldFrames <= this.#options.maxFrames)
        return released;
      this.#held.shift();
      released.push(this.#release(first.value));
    }
  }

  #release(value: Value): Value {
    this.#heldFrames -= size(value);
    this.#next = value.last + 1;
    return value;
  }
}

const size = ({ first, last }: Placed): number => last - first + 1;
