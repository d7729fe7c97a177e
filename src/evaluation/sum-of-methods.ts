// Several methods whose maps are added up: the paper's ablation, in which each stage has Gaussians of its own
// (PaDiM, table 1, "sum").
import type { LearnedMethod, Method, ScoredRun } from './method.ts';

export const sumOfMethods = (methods: readonly [Method, ...Method[]]): Method => ({
  name: methods[0].name,
  learn: async (clips, footageKind, onProgress) => {
    const [first, ...others] = methods;
    const learned: [LearnedMethod, ...LearnedMethod[]] = [
      await first.learn(clips, footageKind, onProgress),
    ];
    for (const method of others) learned.push(await method.learn(clips, footageKind, onProgress));
    return {
      ...learned[0],
      modelBytes: learned.reduce((sum, { modelBytes }) => sum + modelBytes, 0),
      score: (run) => scoreSum(learned, run),
    };
  },
  close: async () => {
    for (const method of methods) await method.close();
  },
});

const scoreSum = async (
  learned: readonly LearnedMethod[],
  run: Parameters<LearnedMethod['score']>[0],
): Promise<ScoredRun> => {
  let sum: Float32Array | undefined;
  for (const method of learned) {
    const { maps } = await method.score(run);
    // Methods that share an engine share its memory.
    if (sum === undefined) sum = maps.slice();
    else
      for (let index = 0; index < sum.length; index++)
        sum[index] = (sum[index] ?? 0) + (maps[index] ?? 0);
  }
  return { maps: sum ?? new Float32Array(0), scores: undefined };
};
