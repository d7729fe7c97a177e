// All learners of a model's parts as one.
import type { ModelPart, ModelParts, PartName } from '../core/model-part.ts';
import type { PartLearner } from '../core/ports/part-learner.ts';
import type { FrameBatch } from './batch-sink.ts';

export class PartLearning {
  readonly #learners: readonly PartLearner[];

  /** @param earlier what an earlier fit learnt, to go on from */
  constructor(learners: readonly PartLearner[], earlier: ModelParts | undefined) {
    this.#learners = learners;
    for (const learner of learners) {
      const known = earlier?.[learner.name];
      if (known !== undefined) learner.restore(known);
    }
  }

  /** Consecutive frames, in order. */
  async add({ pixels, hasContext, times }: FrameBatch): Promise<void> {
    const timesMs = times.map(({ mediaTimeMs }) => mediaTimeMs);
    for (const learner of this.#learners) await learner.add({ pixels, hasContext, timesMs });
  }

  /** Those that the footage was enough for. */
  async finish(): Promise<ModelParts> {
    const parts: [PartName, ModelPart][] = [];
    for (const learner of this.#learners) {
      const part = await learner.finish();
      if (part !== undefined) parts.push([learner.name, part]);
    }
    return Object.fromEntries(parts);
  }

  /** A copy of what each knows. */
  state(): ModelParts {
    return Object.fromEntries(this.#learners.map((learner) => [learner.name, learner.state()]));
  }
}
