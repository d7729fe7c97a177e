// The queue between ingest and workers. Adapters: memory (default), BullMQ on Redis (several machines).
import type { Segment } from '../frame.ts';
import type { SegmentScore } from '../segment-score.ts';

/** Why frames were not scored. Every drop is counted under one of these. */
export const DROP_REASONS = [
  'queue_full',
  'too_old',
  'no_model',
  'scorer_failed',
  'not_finite',
  'invalid',
  'unchanged',
  'damaged',
  'shutdown',
  'queue_unavailable',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** How a segment ends. Every segment that was offered ends once. */
export type SegmentOutcome =
  | { readonly kind: 'scored'; readonly score: SegmentScore }
  | { readonly kind: 'dropped'; readonly reason: DropReason };

/** A segment handed to a worker. Exactly one of `settle` and `giveBack` is called, once. */
export interface SegmentLease {
  readonly segment: Segment;
  /** How many times it was handed out before. */
  readonly attempt: number;
  /** The segment ends: the queue forgets it and tells its outcome to whoever reads outcomes. */
  settle(outcome: SegmentOutcome): Promise<void>;
  /** The worker failed: the queue hands it out again, or drops it after the last attempt. */
  giveBack(): Promise<void>;
}

export interface FrameQueue {
  /**
   * Never waits for room: when full, the queue drops the oldest frames of the camera that is
   * furthest over its share. A drop is an outcome like any other.
   */
  offer(segment: Segment): Promise<void>;
  /**
   * Waits for work, then returns at least one and at most `maxFrames` frames' worth of segments
   * (one larger segment alone is returned whole), fair between cameras, oldest first within one.
   * Returns an empty list when the signal aborts or the queue closes.
   */
  take(maxFrames: number, signal: AbortSignal): Promise<readonly SegmentLease[]>;
  /** Frames waiting or leased, and the age of the oldest waiting one. */
  depth(): Promise<{ readonly frames: number; readonly oldestAgeMs: number }>;
  /**
   * Lets `take` return and refuses what comes (reason `shutdown`). What waits is dropped for the same reason
   * where the queue ends with the process; in a queue that processes share it is left to the others.
   */
  close(): Promise<void>;
}

/** What is known of a segment when its pixels are gone. */
export type SegmentFacts = Omit<Segment, 'pixels'>;

/** Where outcomes are told: each segment's once, whichever process it ended in. */
export type OutcomeListener<Known extends SegmentFacts = SegmentFacts> = (
  segment: Known,
  outcome: SegmentOutcome,
) => void;
