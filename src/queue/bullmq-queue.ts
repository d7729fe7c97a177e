// The frame queue of several machines. Redis holds the lines, the leases and the accounts, each moved by one
// script at a time; BullMQ carries turns; what Redis does not take waits here for a while. Closing it leaves
// what waits in Redis to the other processes.
import { setMaxListeners } from 'node:events';

import { orAborted } from '../core/deferred.ts';
import { toError } from '../core/errors.ts';
import type { FrameStamp, Segment } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { DropReason, FrameQueue, SegmentLease } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { LostFrames } from './lost-frames.ts';
import { OfferBacklog } from './offer-backlog.ts';
import { QueueUpkeep } from './queue-upkeep.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScripts, type ScriptSettings } from './redis-scripts.ts';
import { encodeFacts } from './segment-codec.ts';
import { SegmentLeases } from './segment-leases.ts';
import { TurnClaims } from './turn-claims.ts';
import { TurnQueue } from './turn-queue.ts';

const BACKLOG_FRAMES = 256;
const MAX_UNREAD = 4_096;
/** After Redis refused to hand out work, or results wait for their reader. */
const PAUSE_MS = 250;
/** How long closing waits for a Redis that is away. */
const GRACE_MS = 2_000;
/** Pixels outlive their age in the line by what three attempts may take. */
const LOCKS_OF_EXPIRY = 6;

export interface BullmqQueueOptions {
  readonly link: RedisLink;
  readonly maxFramesPerCamera: number;
  /** Over all cameras. */
  readonly maxFrames: number;
  readonly maxFrameAgeMs: number;
  /** A worker that does not renew its leases for this long is taken for dead. */
  readonly lockMs: number;
  /** Frames that may wait in this process while Redis is away or full; 256 when undefined. */
  readonly maxBacklogFrames?: number;
  /** Outcomes that may wait for their reader before no more work is handed out; 4,096 when undefined. */
  readonly maxUnread?: number;
  /** This process's own: how old a segment is when it is offered. */
  readonly clock: Clock;
  /** Judges ages from then on; Redis's own clock when undefined, so that hosts need not agree. */
  readonly ageClock?: Clock;
  /** The queue no longer needs the pixels of a segment that was offered. */
  readonly onReleased?: (segment: Segment) => void;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class BullmqFrameQueue implements FrameQueue {
  readonly #options: BullmqQueueOptions;
  readonly #scripts: RedisScripts;
  readonly #turns: TurnQueue;
  readonly #backlog: OfferBacklog;
  readonly #lost: LostFrames;
  readonly #claims: TurnClaims;
  readonly #upkeep: QueueUpkeep;
  // Signals, not promises: what waits for a promise that lives as long as the process is kept as long, with its value.
  readonly #closed = new AbortController();
  /** After closing, Redis is not waited for any longer. */
  readonly #deadline = new AbortController();
  readonly #stopListening: () => void;
  #closing: Promise<void> | undefined;
  #takers = 0;

  constructor(options: BullmqQueueOptions) {
    this.#options = options;
    // Each lease that is being settled listens.
    setMaxListeners(0, this.#closed.signal, this.#deadline.signal);
    const { link, clock, logger, meter, lockMs } = options;
    const scripts = new RedisScripts(link);
    const settings = (): ScriptSettings => this.#settings();
    const turns = new TurnQueue({ link, lockMs, logger });
    const leases = new SegmentLeases({
      scripts,
      settings,
      turns,
      deadline: this.#deadline.signal,
      logger,
    });
    const claims = new TurnClaims({ link, scripts, settings, turns, leases });
    this.#scripts = scripts;
    this.#turns = turns;
    this.#claims = claims;
    this.#upkeep = new QueueUpkeep({
      ...{ link, scripts, settings, turns, leases, claims, lockMs, logger },
    });
    this.#lost = new LostFrames((values) => scripts.run('lose', settings(), values));
    this.#backlog = new OfferBacklog({
      maxFrames: options.maxBacklogFrames ?? BACKLOG_FRAMES,
      isUp: () => link.isUp,
      send: (segment) => this.#send(segment),
      lose: (segment, reason) => this.#lose(segment, reason),
      clock,
      logger,
      meter,
    });
    this.#stopListening = link.onState((isUp) => {
      if (isUp) void this.#reportLost();
      if (isUp) this.#backlog.sendNext();
      else this.#backlog.answerAll();
    });
  }

  offer(segment: Segment): Promise<void> {
    return this.#backlog.offer(segment);
  }

  /** Counts a frame that was captured and never became part of a segment; reported with the next segment. */
  leaveOut(camera: CameraId, reason: DropReason): void {
    this.#lost.count(camera, reason, 1);
  }

  async take(maxFrames: number, signal: AbortSignal): Promise<readonly SegmentLease[]> {
    const isWanted = (): boolean => this.#closing === undefined && !signal.aborted;
    this.#takers += 1;
    try {
      while (isWanted()) {
        this.#upkeep.start();
        try {
          const leases = await this.#takeNow(maxFrames, signal, isWanted);
          if (leases.length > 0) return leases;
          if (isWanted())
            await this.#untilClosedOr(
              this.#claims.arrival(() => this.#takers > 0),
              signal,
            );
        } catch (error) {
          const reason = toError(error).message;
          this.#options.logger.warn('redis hands out no work: trying again', { reason });
          await this.#pause(signal);
        }
      }
      return [];
    } finally {
      this.#takers -= 1;
      if (this.#takers === 0) void this.#claims.putBack();
    }
  }

  /** @throws PatchwatchError QUEUE_UNAVAILABLE */
  async depth(): Promise<{ readonly frames: number; readonly oldestAgeMs: number }> {
    const [frames, oldestAgeMs] = (await this.#options.link.ask(() =>
      this.#scripts.run('depth', this.#settings()),
    )) as [number, number];
    return { frames: frames + this.#backlog.frames, oldestAgeMs };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { link, clock, logger } = this.#options;
    this.#stopListening();
    this.#closed.abort();
    const giveUp = (): void => {
      void clock.sleep(GRACE_MS).then(() => {
        this.#deadline.abort();
      });
    };
    if (!link.isUp) giveUp();
    link.onState((isUp) => {
      if (!isUp) giveUp();
    });
    const work = async (): Promise<void> => {
      await this.#backlog.close();
      await this.#lost.report();
      await this.#claims.putBack();
      // What is still leased has a whole lock time to be settled.
      await this.#upkeep.renew();
      await this.#turns.close();
    };
    this.#upkeep.stop();
    const closing = work().catch((error: unknown) => {
      logger.warn('queue was not closed in order', { reason: toError(error).message });
    });
    await orAborted(closing, this.#deadline.signal).catch(() => undefined);
    // Where Redis was away too long for the rest: it would look for stalled turns for ever.
    this.#turns.close().catch((error: unknown) => {
      logger.debug('turns were not closed', { reason: toError(error).message });
    });
  }

  async #takeNow(
    maxFrames: number,
    signal: AbortSignal,
    isWanted: () => boolean,
  ): Promise<readonly SegmentLease[]> {
    const claiming = this.#claims.claim(maxFrames, isWanted);
    const claimed = await this.#untilClosedOr(claiming, signal);
    if (claimed === undefined) {
      // Whoever asked has gone: what was claimed for him goes back when it is known.
      void claiming.then(
        ({ leases }) => Promise.all(leases.map((lease) => lease.giveBack())),
        () => undefined,
      );
      return [];
    }
    if (claimed.isBehind) await this.#pause(signal);
    return claimed.leases;
  }

  /** Undefined when it closes or the signal aborts before. */
  #untilClosedOr<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
    const closed = this.#closed.signal;
    return orAborted(work, signal, closed).catch((error: unknown) => {
      if (signal.aborted || closed.aborted) return undefined;
      throw error;
    });
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await this.#untilClosedOr(this.#options.clock.sleep(PAUSE_MS, signal), signal);
  }

  async #send(segment: Segment): Promise<void> {
    const { link, maxFrameAgeMs, lockMs, onReleased } = this.#options;
    const { id, cameraId, stamps, pixels } = segment;
    const ageMs = Math.max(0, Math.round(this.#ageMs(stamps[0])));
    // Beside the script, in the same round trip: Lua would copy the pixels several times.
    const [, turn] = await Promise.all([
      link.commands.set(
        `${link.prefix}:pixels:${id}`,
        Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength),
        'PX',
        maxFrameAgeMs + LOCKS_OF_EXPIRY * lockMs,
      ),
      this.#scripts.run('offer', this.#settings(), [
        ...[id, cameraId, stamps.length, ageMs, encodeFacts(segment)],
      ]),
    ]);
    const [camera, start, epoch] = turn as [Buffer?, number?, number?];
    if (camera !== undefined && start !== undefined && epoch !== undefined)
      await this.#turns.add([{ id, camera: cameraId, start, epoch }]);
    onReleased?.(segment);
    void this.#reportLost();
  }

  /** By the clock that is not set, where the frame was captured by this process. */
  #ageMs(stamp: FrameStamp | undefined): number {
    const { clock } = this.#options;
    return stamp?.steadyMs === undefined
      ? clock.nowMs() - (stamp?.capturedAtMs ?? 0)
      : clock.monotonicMs() - stamp.steadyMs;
  }

  #lose(segment: Segment, reason: DropReason): Promise<void> {
    this.#lost.add(segment, reason);
    this.#options.onReleased?.(segment);
    return this.#reportLost();
  }

  async #reportLost(): Promise<void> {
    if (!this.#options.link.isUp) return;
    const reporting = this.#lost.report().catch((error: unknown) => {
      this.#options.logger.debug('redis did not take the count of lost frames', {
        reason: toError(error).message,
      });
    });
    await orAborted(reporting, this.#deadline.signal).catch(() => undefined);
  }

  #settings(): ScriptSettings {
    const { maxFramesPerCamera, maxFrames, maxFrameAgeMs, maxUnread, ageClock } = this.#options;
    return {
      maxFramesPerCamera,
      maxFrames,
      maxFrameAgeMs,
      maxUnread: maxUnread ?? MAX_UNREAD,
      ...(ageClock === undefined ? {} : { nowMs: ageClock.nowMs() }),
    };
  }
}
