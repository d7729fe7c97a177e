// A data set as evaluation sees it: clips of frames, normal ones to fit, labelled ones to score.
import type { FootageKind } from '../core/footage-kind.ts';

export type Footage =
  | { readonly kind: 'images'; readonly paths: readonly string[] }
  | { readonly kind: 'video'; readonly path: string };

export interface Clip {
  /** Unique within its part of the data set. */
  readonly id: string;
  readonly footage: Footage;
  /** 1 = anomalous, 0 = normal, one per frame; undefined for normal clips and where the set lacks labels. */
  readonly labels: Uint8Array | undefined;
  /** Mask files, one per frame (undefined = nothing anomalous); undefined where the set has none. */
  readonly masks: readonly (string | undefined)[] | undefined;
}

export interface Dataset {
  readonly name: string;
  /** Undefined where only the frames themselves can tell. */
  readonly footageKind: FootageKind | undefined;
  /** Normal throughout. */
  readonly trainClips: readonly Clip[];
  readonly testClips: readonly Clip[];
}
