// A small model of what stays, for tests: random states on a grid.
import { seededRandom } from '../../../src/padim/maths/random.ts';
import type { StayModel } from '../../../src/stay/stay-model.ts';

export const randomNumbers = (length: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => 2 * random() - 1);
};

export const identity = (size: number): Float32Array =>
  Float32Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));

export const madeStayModel = (grid: number, dimensions = 3, stateCount = 4): StayModel => {
  const patchCount = grid * grid;
  return {
    patchCount,
    dimensions,
    stateCount,
    mean: randomNumbers(patchCount * dimensions, 1),
    scale: new Float32Array(dimensions).fill(0.5),
    factor: identity(dimensions).map((value) => 2 * value),
    states: randomNumbers(stateCount * patchCount * dimensions, 2),
    normalMean: new Float32Array(patchCount).fill(0.25),
    normalDeviation: new Float32Array(patchCount).fill(0.5),
    threshold: 8,
    predictedPerDay: 1,
    pictureCount: 60,
    stepMs: 1_000,
  };
};
