// A frame source that also tells when it is silent and whether its end is a failure: what the
// reconnecting source needs to know, and nothing of ffmpeg.
import type { FrameSink, FrameSource } from '../core/ports/frame-source.ts';

export interface WatchedSource extends FrameSource {
  /**
   * True for a camera, which has no end; false for a recording played once. For an address that may be either, true
   * until the source is known to have a length.
   */
  readonly isEndless: boolean;
  /** `onStall` is called once for each silence, with its length so far. */
  play(sink: FrameSink, signal: AbortSignal, onStall?: (silentMs: number) => void): Promise<void>;
}
