// What PaDiM is compared with, as a method to evaluate.
import { FRAME_BYTES } from '../core/frame.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import type { RivalScorer } from '../rivals/rival-scorer.ts';
import { runsOf, type ReadFrames } from './frame-runs.ts';
import type { Method } from './method.ts';

export interface RivalOptions {
  readonly name: 'spade' | 'vae';
  readonly scorer: RivalScorer;
  readonly batchFrames: number;
  readonly readFrames: ReadFrames;
}

const framesOf = ({ pixels, context }: FrameRun): Uint8Array =>
  pixels.subarray(context === 'none' ? 0 : FRAME_BYTES);

export const rivalMethod = ({ name, scorer, batchFrames, readFrames }: RivalOptions): Method => ({
  name,
  learn: async (clips, _footageKind, onProgress) => {
    let trainFrames = 0;
    for await (const { run } of runsOf(clips, readFrames, batchFrames)) {
      await scorer.addTraining(framesOf(run), run.frameCount);
      trainFrames += run.frameCount;
      onProgress(trainFrames);
    }
    await scorer.finish();
    return {
      trainFrames,
      modelBytes: scorer.modelBytes,
      mapSide: scorer.mapSide,
      smoothing: 1,
      footageKind: null,
      shrinkage: null,
      score: (run) => scorer.score(framesOf(run), run.frameCount),
    };
  },
  close: () => scorer.close(),
});
