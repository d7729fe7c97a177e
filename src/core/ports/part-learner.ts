// Learns one part of a scene's model from normal frames, beside its Gaussians.
import type { ModelPart, PartName } from '../model-part.ts';

export interface LearnedBatch {
  /** (context?, frames…) × FRAME_BYTES rgb24; valid until the call's promise resolves. */
  readonly pixels: Uint8Array;
  /** False at the start and after a gap. */
  readonly hasContext: boolean;
  /** Stream times, milliseconds, one a frame. */
  readonly timesMs: readonly number[];
}

export interface PartLearner {
  readonly name: PartName;
  /** Consecutive frames, in order. */
  add(batch: LearnedBatch): Promise<void> | void;
  /** Undefined where the footage is too little to say anything. */
  finish(): Promise<ModelPart | undefined> | ModelPart | undefined;
  /** A copy of what it knows, for `restore` of a later fit. */
  state(): ModelPart;
  /** Before the first frame. @throws RangeError for what is none of its states */
  restore(state: ModelPart): void;
  /** Frees what it holds outside of memory; also after a failure. */
  release?(): Promise<void>;
}
