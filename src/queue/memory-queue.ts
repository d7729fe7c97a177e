// The frame queue of a single process: bounded, fair between cameras, dropping the oldest frames of the
// camera that waits with the most.
import { deferred, orAborted, type Deferred } from '../core/deferred.ts';
import type { Segment } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type {
  DropReason,
  FrameQueue,
  OutcomeListener,
  SegmentLease,
} from '../core/ports/frame-queue.ts';

/** A segment that failed this many times is given up. */
const MAX_ATTEMPTS = 3;

export interface MemoryQueueOptions {
  readonly maxFramesPerCamera: number;
  /** Over all cameras. */
  readonly maxFrames: number;
  readonly maxFrameAgeMs: number;
  readonly clock: Clock;
  /** May take back the segment's memory. */
  readonly onOutcome: OutcomeListener<Segment>;
}

interface Waiting {
  readonly segment: Segment;
  readonly attempt: number;
}

/** One camera's line. `served` is its virtual time: frames handed out, levelled when it comes back. */
interface Line {
  readonly waiting: Waiting[];
  frames: number;
  served: number;
}

export class MemoryFrameQueue implements FrameQueue {
  readonly #options: MemoryQueueOptions;
  readonly #lines = new Map<CameraId, Line>();
  #waitingFrames = 0;
  #leasedFrames = 0;
  #isClosed = false;
  #arrival: Deferred<undefined> = deferred();

  constructor(options: MemoryQueueOptions) {
    this.#options = options;
  }

  offer(segment: Segment): Promise<void> {
    if (this.#isClosed) this.#drop(segment, 'shutdown');
    else {
      this.#append(segment);
      this.#dropTooOld();
      this.#dropOverflow();
      this.#announce();
    }
    return Promise.resolve();
  }

  async take(maxFrames: number, signal: AbortSignal): Promise<readonly SegmentLease[]> {
    while (!this.#isClosed && !signal.aborted) {
      this.#dropTooOld();
      const leases = this.#takeNow(maxFrames);
      if (leases.length > 0) return leases;
      await orAborted(this.#arrival.promise, signal).catch(() => undefined);
    }
    return [];
  }

  depth(): Promise<{ frames: number; oldestAgeMs: number }> {
    const nowMs = this.#options.clock.nowMs();
    const ages = [...this.#lines.values()].flatMap((line) =>
      line.waiting[0] === undefined ? [] : [nowMs - capturedAtMs(line.waiting[0].segment)],
    );
    return Promise.resolve({
      frames: this.#waitingFrames + this.#leasedFrames,
      oldestAgeMs: Math.max(0, ...ages),
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const line of this.#lines.values()) {
      while (line.waiting.length > 0) this.#dropOldest(line, 'shutdown');
    }
    this.#announce();
    return Promise.resolve();
  }

  #append(segment: Segment): void {
    const line = this.#line(segment.cameraId);
    if (line.waiting.length === 0) line.served = Math.max(line.served, this.#virtualTime());
    line.waiting.push({ segment, attempt: 0 });
    this.#count(line, segment.stamps.length);
  }

  #takeNow(maxFrames: number): readonly SegmentLease[] {
    const leases: SegmentLease[] = [];
    let frames = 0;
    for (;;) {
      const line = this.#nextLine();
      const next = line?.waiting[0];
      if (line === undefined || next === undefined) return leases;
      const size = next.segment.stamps.length;
      if (leases.length > 0 && frames + size > maxFrames) return leases;
      line.waiting.shift();
      line.served += size;
      frames += size;
      this.#count(line, -size);
      this.#leasedFrames += size;
      leases.push(this.#lease(next));
      if (frames >= maxFrames) return leases;
    }
  }

  #lease(waiting: Waiting): SegmentLease {
    const { segment, attempt } = waiting;
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      this.#leasedFrames -= segment.stamps.length;
      return true;
    };
    return {
      segment,
      attempt,
      settle: (outcome) => {
        if (end()) this.#options.onOutcome(segment, outcome);
        return Promise.resolve();
      },
      giveBack: () => {
        if (end()) this.#takeBack(waiting);
        return Promise.resolve();
      },
    };
  }

  #takeBack({ segment, attempt }: Waiting): void {
    if (this.#isClosed) this.#drop(segment, 'shutdown');
    else if (attempt + 1 >= MAX_ATTEMPTS) this.#drop(segment, 'scorer_failed');
    else {
      const line = this.#line(segment.cameraId);
      const returned = { segment, attempt: attempt + 1 };
      // Back in its place: several given back together keep their order whatever order they come in.
      const sequence = segment.stamps[0]?.sequence ?? 0;
      const place = line.waiting.findIndex(
        (other) => (other.segment.stamps[0]?.sequence ?? 0) > sequence,
      );
      line.waiting.splice(place === -1 ? line.waiting.length : place, 0, returned);
      this.#count(line, segment.stamps.length);
      this.#dropTooOld();
      this.#dropOverflow();
      this.#announce();
    }
  }

  #dropTooOld(): void {
    const oldestMs = this.#options.clock.nowMs() - this.#options.maxFrameAgeMs;
    for (const line of this.#lines.values()) {
      while (line.waiting[0] !== undefined && capturedAtMs(line.waiting[0].segment) < oldestMs) {
        this.#dropOldest(line, 'too_old');
      }
    }
  }

  #dropOverflow(): void {
    for (const line of this.#lines.values()) {
      while (line.frames > this.#options.maxFramesPerCamera && line.waiting.length > 1) {
        this.#dropOldest(line, 'queue_full');
      }
    }
    while (this.#waitingFrames > this.#options.maxFrames) {
      const [longest] = [...this.#lines.values()].sort((a, b) => b.frames - a.frames);
      if (longest === undefined) return;
      this.#dropOldest(longest, 'queue_full');
    }
  }

  #drop(segment: Segment, reason: DropReason): void {
    this.#options.onOutcome(segment, { kind: 'dropped', reason });
  }

  #dropOldest(line: Line, reason: DropReason): void {
    const dropped = line.waiting.shift();
    if (dropped === undefined) return;
    this.#count(line, -dropped.segment.stamps.length);
    this.#drop(dropped.segment, reason);
  }

  /** The camera that was served least among those that wait. */
  #nextLine(): Line | undefined {
    let next: Line | undefined;
    for (const line of this.#lines.values()) {
      if (line.waiting.length > 0 && (next === undefined || line.served < next.served)) next = line;
    }
    return next;
  }

  #virtualTime(): number {
    return (
      this.#nextLine()?.served ?? Math.max(0, ...[...this.#lines.values()].map((l) => l.served))
    );
  }

  #line(camera: CameraId): Line {
    let line = this.#lines.get(camera);
    if (line === undefined) {
      line = { waiting: [], frames: 0, served: 0 };
      this.#lines.set(camera, line);
    }
    return line;
  }

  #count(line: Line, frames: number): void {
    line.frames += frames;
    this.#waitingFrames += frames;
  }

  #announce(): void {
    this.#arrival.resolve(undefined);
    this.#arrival = deferred();
  }
}

const capturedAtMs = (segment: Segment): number => segment.stamps[0]?.capturedAtMs ?? 0;
