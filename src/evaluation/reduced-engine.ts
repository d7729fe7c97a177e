// The reductions of the paper's comparison, which need all channels first.
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { Clip } from '../datasets/dataset.ts';
import { GaussianFitter } from '../padim/gaussian-fitter.ts';
import { ProjectingEngine } from '../padim/projecting-engine.ts';
import { principalComponents, semiOrthogonal } from '../padim/reduction.ts';
import { runsOf, type ReadFrames } from './frame-runs.ts';
import { FRAME_BYTES } from '../core/frame.ts';

export interface Projection {
  readonly kind: 'pca' | 'semi-orthogonal';
  readonly dimensions: number;
  readonly seed: number;
}

export interface ReductionOptions {
  readonly engine: Engine;
  /** Of all channels. */
  readonly plan: EmbeddingPlan;
  readonly projection: Projection | undefined;
  readonly batchFrames: number;
  readonly readFrames: ReadFrames;
}

/** The engine that gives reduced embeddings; principal components are those of the clips. */
export const reducedEngine = async (
  options: ReductionOptions,
  clips: readonly Clip[],
): Promise<Engine> => {
  const { engine, plan, projection } = options;
  if (projection === undefined) return engine;
  const channelCount = plan.channels.reduce((sum, list) => sum + list.length, 0);
  const count = Math.min(projection.dimensions, channelCount);
  if (projection.kind === 'semi-orthogonal') {
    return new ProjectingEngine(engine, semiOrthogonal(channelCount, count, projection.seed));
  }
  const fitter = new GaussianFitter(engine, 'shared');
  for await (const { run } of runsOf(clips, options.readFrames, options.batchFrames)) {
    const frames = run.pixels.subarray(run.context === 'none' ? 0 : FRAME_BYTES);
    await fitter.add(await engine.embed(plan, frames, run.frameCount));
  }
  await fitter.flush();
  return new ProjectingEngine(engine, principalComponents(fitter.statistics, count));
};
