// What is offered while Redis is away or full waits here: a few frames, sent again when Redis takes them, each
// camera's in their order. What does not fit is given up, counted, and reported when Redis is back.
import { deferred, type Deferred } from '../core/deferred.ts';
import { toError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';

/**
 * Segments on their way at a time: what a broken connection leaves in doubt. Several of a camera, one behind the
 * other on one connection, or a Redis two round trips away would take two segments a second of it and no more.
 */
const MOST_UNDER_WAY = 64;
const MOST_OF_CAMERA = 8;
const PAUSE_MS = 250;

export interface OfferBacklogOptions {
  readonly maxFrames: number;
  readonly isUp: () => boolean;
  /** Sends a segment; done twice, it must change nothing the second time. */
  readonly send: (segment: Segment) => Promise<void>;
  /** Resolves when the loss was reported, or could not be. */
  readonly lose: (segment: Segment, reason: DropReason) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

interface Entry {
  readonly segment: Segment;
  /** Resolves once it was sent, given up, or has to wait: an offer does not wait for Redis. */
  readonly answer: Deferred<undefined>;
}

export class OfferBacklog {
  readonly #options: OfferBacklogOptions;
  readonly #underWay = new Map<Entry, Promise<void>>();
  #entries: Entry[] = [];
  #frames = 0;
  #isPaused = false;
  #isClosed = false;

  constructor(options: OfferBacklogOptions) {
    this.#options = options;
  }

  get frames(): number {
    return this.#frames;
  }

  async offer(segment: Segment): Promise<void> {
    if (this.#isClosed) {
      await this.#options.lose(segment, 'shutdown');
      return;
    }
    const entry = { segment, answer: deferred<undefined>() };
    this.#entries.push(entry);
    this.#count(segment.stamps.length);
    this.#dropOverflow();
    this.sendNext();
    if (!this.#options.isUp() || this.#isPaused) entry.answer.resolve(undefined);
    await entry.answer.promise;
  }

  /** Starts whatever may start; called again when Redis is back. */
  sendNext(): void {
    if (this.#isPaused || !this.#options.isUp()) return;
    const ofCamera = new Map<CameraId, number>();
    for (const entry of this.#entries) {
      const { cameraId } = entry.segment;
      const count = (ofCamera.get(cameraId) ?? 0) + 1;
      ofCamera.set(cameraId, count);
      if (count > MOST_OF_CAMERA || this.#underWay.has(entry)) continue;
      if (this.#underWay.size >= MOST_UNDER_WAY) return;
      this.#underWay.set(entry, this.#send(entry));
    }
  }

  /** Redis is gone: nobody waits for an answer of it. */
  answerAll(): void {
    for (const { answer } of this.#entries) answer.resolve(undefined);
  }

  /** Gives up what has not begun; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of this.#entries.filter((other) => !this.#underWay.has(other))) {
      this.#giveUp(entry, 'shutdown');
    }
    await Promise.all(this.#underWay.values());
  }

  async #send(entry: Entry): Promise<void> {
    const { segment, answer } = entry;
    try {
      // The map of those under way is filled when this has begun.
      await Promise.resolve();
      await this.#options.send(segment);
      this.#remove(entry);
    } catch (error) {
      this.#pause(toError(error));
    }
    this.#underWay.delete(entry);
    answer.resolve(undefined);
    if (this.#isClosed && this.#entries.includes(entry)) this.#giveUp(entry, 'shutdown');
    this.sendNext();
  }

  #pause(reason: Error): void {
    if (this.#isPaused || this.#isClosed) return;
    this.#isPaused = true;
    this.#options.logger.warn('redis did not take a segment: trying again', {
      frames: this.#frames,
      reason: reason.message,
    });
    this.answerAll();
    void this.#options.clock.sleep(PAUSE_MS).then(() => {
      this.#isPaused = false;
      this.sendNext();
    });
  }

  #dropOverflow(): void {
    while (this.#frames > this.#options.maxFrames) {
      const oldest = this.#oldestOfLongest();
      if (oldest === undefined) return;
      this.#giveUp(oldest, 'queue_unavailable');
    }
  }

  /** Of the camera with the most frames here; never one under way, as Redis may have it already. */
  #oldestOfLongest(): Entry | undefined {
    const frames = new Map<CameraId, number>();
    for (const { segment } of this.#entries) {
      const { cameraId, stamps } = segment;
      frames.set(cameraId, (frames.get(cameraId) ?? 0) + stamps.length);
    }
    let oldest: Entry | undefined;
    let most = 0;
    for (const entry of this.#entries) {
      const own = frames.get(entry.segment.cameraId) ?? 0;
      if (own > most && !this.#underWay.has(entry)) {
        oldest = entry;
        most = own;
      }
    }
    return oldest;
  }

  #giveUp(entry: Entry, reason: DropReason): void {
    this.#remove(entry);
    void this.#options.lose(entry.segment, reason);
    entry.answer.resolve(undefined);
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#count(-entry.segment.stamps.length);
  }

  #count(frames: number): void {
    this.#frames += frames;
    this.#options.meter.set('patchwatch_queue_backlog_frames', {}, this.#frames);
  }
}
