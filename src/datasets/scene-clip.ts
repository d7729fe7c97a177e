// A clip of a fixed camera that says what of it is normal, what happens when, and what only disturbs: what an operator
// would want to be told, and what not.
import type { Region } from '../core/place.ts';

/** Frames of a video, or of a folder of pictures, that lie within a span of stream time. */
export interface FootagePiece {
  readonly path: string;
  readonly fromMs: number;
  /** Excluded. */
  readonly toMs: number;
}

/** What is told of the camera itself instead of the scene. */
export const VIEW_KINDS = [
  'covered',
  'dark',
  'bright',
  'frozen',
  'defocused',
  'moved',
  'damaged',
] as const;
export type ViewKind = (typeof VIEW_KINDS)[number];

export interface SceneEvent {
  /** What happens, in one word: figures are counted by it. */
  readonly kind: string;
  readonly words: string;
  readonly fromMs: number;
  /** Excluded. */
  readonly toMs: number;
  /** Where; undefined where that is not known. */
  readonly box: Region | undefined;
}

/** As a camera gave it; with something put in; disturbed all along. */
export type ClipGroup = 'real' | 'staged' | 'nuisance';

export interface SceneClip {
  /** The file's name without its ending; unique within the data set. */
  readonly id: string;
  readonly group: ClipGroup;
  readonly path: string;
  readonly framesPerSecond: number;
  /** Normal footage to learn; none where the clip has none. */
  readonly learn: readonly FootagePiece[];
  /** Frames a second of what is learnt. */
  readonly learnFramesPerSecond: number;
  /** From here to its end the clip is watched. */
  readonly watchFromMs: number;
  readonly durationMs: number;
  /** Its frames were taken much further apart than they are shown. */
  readonly isTimeLapse: boolean;
  readonly events: readonly SceneEvent[];
  /** What disturbs, in words. */
  readonly nuisance: string | undefined;
  /** Verdicts on the view that are right, any of them; none where every verdict is wrong. */
  readonly views: readonly ViewKind[];
}
