// Scoring as the pipeline sees it: segments in, one outcome for each out, in the same order.
import type { Segment } from '../frame.ts';
import type { SegmentOutcome } from './frame-queue.ts';

export interface SegmentScorer {
  /**
   * Rejects when the scorer itself failed (crashed, hangs): none of the segments was scored then, and
   * all may be tried again. The signal only ends waiting for a scorer that is not ready.
   */
  score(segments: readonly Segment[], signal: AbortSignal): Promise<readonly SegmentOutcome[]>;
}
