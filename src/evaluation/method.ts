// A method as evaluation sees it: learn normal clips, then score frames.
import type { Clip } from '../datasets/dataset.ts';
import type { FootageKind } from '../core/footage-kind.ts';
import type { FrameRun } from '../padim/frame-run.ts';

export interface ScoredRun {
  /** (frame, row, column); may be written to, valid until the next run. */
  readonly maps: Float32Array;
  /** One a frame where the method has a score of its own; else the map's maximum counts. */
  readonly scores: Float32Array | undefined;
}

export interface LearnedMethod {
  readonly trainFrames: number;
  readonly modelBytes: number;
  /** Maps are mapSide × mapSide cells. */
  readonly mapSide: number;
  /** Weight of the newest map in the average over time; 1: none. */
  readonly smoothing: number;
  /** What was found out about the footage; null where a method does not ask. */
  readonly footageKind: FootageKind | null;
  readonly shrinkage: number | null;
  score(run: FrameRun): Promise<ScoredRun>;
}

export interface Method {
  readonly name: 'padim' | 'spade' | 'vae';
  learn(
    clips: readonly Clip[],
    footageKind: FootageKind | undefined,
    onProgress: (frameCount: number) => void,
  ): Promise<LearnedMethod>;
  close(): Promise<void>;
}
