// A data set as evaluation sees it: clips of frames, normal ones to fit, labelled ones to score.
import type { StillGeometry } from '../images/still-geometry.ts';
import type { FootageKind } from '../core/footage-kind.ts';

export type Footage =
  | { readonly kind: 'images'; readonly paths: readonly string[] }
  | { readonly kind: 'video'; readonly path: string };

/** An image file, or a frame of an array of masks (npy.ts). */
export type MaskSource = string | { readonly path: string; readonly frame: number };

export interface Clip {
  /** Unique within its part of the data set. */
  readonly id: string;
  readonly footage: Footage;
  /** 1 = anomalous, 0 = normal, one per frame; undefined for normal clips and where the set lacks labels. */
  readonly labels: Uint8Array | undefined;
  /** One per frame (undefined = nothing anomalous); undefined where the set has none. */
  readonly masks: readonly (MaskSource | undefined)[] | undefined;
  /** How each image becomes a frame, and its mask too; a plain resize when left out. */
  readonly geometries?: readonly StillGeometry[];
}

export interface Dataset {
  readonly name: string;
  /** Undefined where only the frames themselves can tell. */
  readonly footageKind: FootageKind | undefined;
  /** Of its clips, where it is known. */
  readonly framesPerSecond?: number;
  /** Normal throughout. */
  readonly trainClips: readonly Clip[];
  readonly testClips: readonly Clip[];
}
