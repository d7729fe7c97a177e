// `evaluate --check-budget`: do alert budgets keep what they promise on the normal clips of a data set?
import { tmpdir } from 'node:os';

import { PatchwatchError } from '../../core/errors.ts';
import { cameraId, sceneId } from '../../core/ids.ts';
import { crossValidateBudget, type BudgetCheck } from '../../evaluation/cross-validate-budget.ts';
import { FrameSpool } from '../../fitting/frame-spool.ts';
import { DEFAULT_POLICY } from './evaluation-policy.ts';
import { openDatasets } from './open-datasets.ts';
import { openParts } from './open-method.ts';
import { BATCH_FRAMES, openFrameReader } from '../read-frames.ts';
import { withLimits, type EvaluateOptions } from './run-evaluation.ts';

/** False alerts that are expected of all clips together. */
const EXPECTED_ALERTS = [2, 4, 8, 16, 32];

export interface BudgetReport {
  readonly dataset: string;
  readonly clips: number;
  readonly framesPerSecond: number;
  readonly budgets: readonly BudgetCheck[];
}

/** @throws PatchwatchError USAGE, DATASET_INVALID, … */
export const runBudgetCheck = async (
  options: EvaluateOptions,
  framesPerSecond: number,
): Promise<BudgetReport> => {
  const { parts, plans, backbone, backboneSha256 } = await openParts(options);
  const [plan, ...others] = plans;
  if (plan === undefined || others.length > 0 || parts.projection !== undefined) {
    throw new PatchwatchError(
      'USAGE',
      '--check-budget is for what cameras are watched with: leave out --stages and --reduction',
    );
  }
  const { engine } = parts;
  try {
    const datasets = await openDatasets(options);
    const clips = datasets.flatMap((dataset) => withLimits(dataset, options).trainClips);
    const budgets = await crossValidateBudget({
      ...parts,
      plan,
      clips,
      framesPerSecond,
      expectedAlerts: EXPECTED_ALERTS,
      footageKind: 'video',
      shrinkage: options.shrinkage,
      batchFrames: BATCH_FRAMES,
      smoothing: parts.profile.smoothing,
      isIgnored: undefined,
      policy: DEFAULT_POLICY,
      identity: {
        cameraId: cameraId('clips'),
        sceneId: sceneId('normal'),
        backbone,
        backboneSha256,
        seed: options.seed,
      },
      readFrames: openFrameReader(),
      openSpool: () => FrameSpool.create(tmpdir()),
      onProgress: (clipCount) => {
        options.onProgress('fit', clipCount);
      },
    });
    return { dataset: options.dataset, clips: clips.length, framesPerSecond, budgets };
  } finally {
    await engine.close();
  }
};
