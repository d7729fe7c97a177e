// Forgetting: a scene that has changed for good should not be held against what it was like long ago.
import type { FitState, LearnerState, StatisticsState } from '../core/fit-state.ts';

/**
 * Forgets a share of what was learnt: its frames weigh less beside those to come.
 *
 * @param share 0 = nothing … below 1
 */
export const forget = (state: FitState, share: number): FitState => {
  const keep = 1 - share;
  const first = Math.floor(state.heldOut.length * share);
  const { count, totalMs } = state.steps;
  return {
    ...state,
    halves: [fadeLearner(state.halves[0], keep), fadeLearner(state.halves[1], keep)],
    heldOut: state.heldOut.slice(first),
    steps: { count: count * keep, totalMs: totalMs * keep },
    leftOut: state.leftOut * keep,
  };
};

const fadeLearner = (state: LearnerState, keep: number): LearnerState => ({
  frameCount: state.frameCount * keep,
  pixelSums: state.pixelSums.map((sum) => sum * keep),
  own: fadeStatistics(state.own, keep),
  shared: fadeStatistics(state.shared, keep),
  motion: fadeStatistics(state.motion, keep),
});

const fadeStatistics = (
  state: StatisticsState | undefined,
  keep: number,
): StatisticsState | undefined =>
  state === undefined
    ? undefined
    : {
        ...state,
        frameCount: state.frameCount * keep,
        sum: state.sum.map((value) => value * keep),
        product: state.product.map((value) => value * keep),
      };
