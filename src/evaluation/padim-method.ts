// PaDiM in either profile, as a method to evaluate.
import type { SceneGaussians } from '../core/scene-gaussians.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { learnDataset, type LearnOptions } from './learn-dataset.ts';
import type { Method } from './method.ts';
import { reducedEngine, type Projection } from './reduced-engine.ts';
import type { StillScore } from './still-score.ts';

export interface PadimOptions extends Omit<LearnOptions, 'clips' | 'footageKind' | 'onProgress'> {
  readonly projection: Projection | undefined;
}

export const padimMethod = (options: PadimOptions): Method => ({
  name: 'padim',
  learn: async (clips, footageKind, onProgress) => {
    const engine = await reducedEngine(options, clips);
    const learned = await learnDataset({ ...options, engine, clips, footageKind, onProgress });
    const { gaussians, stillScore, ...facts } = learned;
    const scorer = new SceneScorer({ ...options, engine, gaussians });
    return {
      ...facts,
      modelBytes: modelBytes(options.profile, gaussians),
      mapSide: scorer.mapSide,
      // Averaging over time is for frames that follow each other.
      smoothing: facts.footageKind === 'video' ? options.profile.smoothing : 1,
      score: async (run) => {
        const maps = await scorer.score(run);
        const scores = stillScore && scoresOf(maps, scorer.mapSide ** 2, stillScore);
        return { maps, scores };
      },
    };
  },
  close: () => Promise.resolve(),
});

const scoresOf = (maps: Float32Array, cellCount: number, score: StillScore): Float32Array =>
  Float32Array.from({ length: maps.length / cellCount }, (_, frame) =>
    score.of(maps.subarray(frame * cellCount, (frame + 1) * cellCount)),
  );

/** Of the tensors as the model file holds them: triangles without their zeros, half precision where it has it. */
const modelBytes = (profile: Profile, { appearance, motion }: SceneGaussians): number => {
  const { dimensions: d, mean, factor, covariance } = appearance;
  const factorBytes = profile.name !== 'paper' && covariance === 'own' ? 2 : 4;
  const packed = (factor.length * (d + 1)) / (2 * d);
  return (
    mean.length * 4 + packed * factorBytes + (motion === undefined ? 0 : motion.patchCount * 20)
  );
};
