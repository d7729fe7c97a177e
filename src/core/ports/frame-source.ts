// Where frames come from: a file, a folder of frames, a stream, a device.

export interface FrameTime {
  readonly capturedAtMs: number;
  readonly mediaTimeMs: number;
  readonly steadyMs?: number;
}

/** Receives frames without a copy between: the source writes into memory that the sink owns. */
export interface FrameSink {
  /** The place for the next frame, FRAME_BYTES long; the same until `commit`. */
  reserve(): Uint8Array;
  /** The reserved place is filled. A returned promise holds the source back until it resolves. */
  commit(time: FrameTime): void | Promise<void>;
  /** A picture came that is not to be used: the reserved place stays reserved. Sinks that don't count may lack this. */
  leaveOut?(time: FrameTime, reason: 'damaged'): void;
}

export interface FrameSource {
  /** One line naming the source, without credentials. */
  readonly description: string;
  /**
   * Plays the source once into the sink. Resolves at its end or when the signal aborts (after the
   * child process is gone); rejects with a PatchwatchError when the source fails or stalls.
   */
  play(sink: FrameSink, signal: AbortSignal): Promise<void>;
}
