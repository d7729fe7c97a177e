// The two profiles: the paper as published, and the one made for live video (docs/design/adr).
import { PatchwatchError } from '../core/errors.ts';

export interface Profile {
  readonly name: 'paper' | 'surveillance';
  /** Patches are a grid × grid raster. */
  readonly grid: number;
  /** Leading stages of the backbone in use. */
  readonly stageCount: number;
  /** Channels kept by random reduction; all of them when there are fewer. */
  readonly dimensions: number;
  /** Whether video is told from stills: one covariance for the scene there, one per position here. */
  readonly isForVideo: boolean;
  /** What video is judged by beside its appearance. */
  readonly cues: { readonly change: boolean; readonly motion: boolean };
  /** Added to the covariance's diagonal (PaDiM, eq. 1). */
  readonly epsilon: number;
  /** Weight of the newest map in the moving average over time; 1: none. */
  readonly smoothing: number;
  /** Side of the anomaly map, and the Gaussian filter over it, σ in its cells (PaDiM, section 3.4). */
  readonly map: { readonly side: number; readonly sigma: number };
}

const PROFILES: readonly Profile[] = [
  {
    name: 'paper',
    grid: 64,
    stageCount: 3,
    dimensions: 100,
    isForVideo: false,
    cues: { change: false, motion: false },
    epsilon: 0.01,
    smoothing: 1,
    map: { side: 256, sigma: 4 },
  },
  {
    // One covariance for the scene: in video most positions see few, correlated samples, and their own
    // covariance would be far too small (docs/design/adr/0005-surveillance-profile.md).
    name: 'surveillance',
    grid: 32,
    stageCount: 2,
    dimensions: 64,
    isForVideo: true,
    cues: { change: true, motion: true },
    epsilon: 0.01,
    smoothing: 0.5,
    map: { side: 32, sigma: 1 },
  },
];

export const PROFILE_NAMES = PROFILES.map((profile) => profile.name);

export const profileNamed = (name: string): Profile => {
  const profile = PROFILES.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  throw new PatchwatchError(
    'USAGE',
    `profile "${name}" is unknown; allowed: ${PROFILE_NAMES.join(', ')}`,
  );
};
