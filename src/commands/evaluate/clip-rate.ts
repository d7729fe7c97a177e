// At how many frames a second a clip is learnt and watched.
import type { SceneClip } from '../../datasets/scene-clip.ts';
import { MIN_TRAINING_FRAMES } from '../../fitting/fit-scene.ts';

/** The default of config/default.yaml. */
const USUAL_FPS = 5;
/** Frames are lost at the ends of the footage. */
const SPARE_FRAMES = 10;

/** The usual rate; more where the footage is so short that it would be too few frames, as far as it has more. */
export const clipRate = ({ learn, framesPerSecond, learnFramesPerSecond }: SceneClip): number => {
  const seconds = learn.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1_000, 0);
  const needed = Math.ceil((MIN_TRAINING_FRAMES + SPARE_FRAMES) / Math.max(seconds, 0.001));
  return Math.min(framesPerSecond, learnFramesPerSecond, Math.max(USUAL_FPS, needed));
};
