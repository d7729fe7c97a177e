// Do alert budgets keep what they promise? Each normal clip is watched with a threshold set from all the others, and
// the false alerts that it raises are counted against the number predicted.
import { cameraId, sceneId } from '../core/ids.ts';
import type { SceneGaussians } from '../core/scene-gaussians.ts';
import type { FrameSpool } from '../fitting/frame-spool.ts';
import { SceneFit, type SceneFitOptions } from '../fitting/fit-scene.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { AlertTracker, type AlertPolicy } from '../reading/alert-tracker.ts';
import { peakOf } from '../reading/map-peak.ts';
import { MapSmoother } from '../reading/map-smoother.ts';
import type { Clip } from '../datasets/dataset.ts';
import { runsOf, type ReadFrames } from './frame-runs.ts';

export interface BudgetCheckOptions extends Omit<SceneFitOptions, 'spool' | 'gapMs' | 'alert'> {
  /** Normal throughout, at least three. */
  readonly clips: readonly Clip[];
  readonly framesPerSecond: number;
  /** False alerts expected of all clips together, for each budget tried. */
  readonly expectedAlerts: readonly number[];
  readonly policy: AlertPolicy;
  readonly readFrames: ReadFrames;
  readonly openSpool: () => Promise<FrameSpool>;
  readonly onProgress: (clipCount: number) => void;
}

export interface BudgetCheck {
  readonly alertsPerDay: number;
  readonly predicted: number;
  readonly observed: number;
}

export const crossValidateBudget = async (
  options: BudgetCheckOptions,
): Promise<readonly BudgetCheck[]> => {
  const { clips, expectedAlerts, framesPerSecond, onProgress } = options;
  const lengths = new Map<Clip, number>();
  for (const clip of clips) lengths.set(clip, await frameCountOf(clip, options));
  const total = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  const days = total / framesPerSecond / 86_400;
  const checks = expectedAlerts.map((expected) => ({
    alertsPerDay: expected / days,
    predicted: 0,
    observed: 0,
  }));
  for (const [index, clip] of clips.entries()) {
    const others = clips.filter((other) => other !== clip);
    const found = await watchClip(options, others, clip, checks);
    const share = (lengths.get(clip) ?? 0) / framesPerSecond / 86_400;
    checks.forEach((check, place) => {
      check.predicted += (found[place]?.predictedPerDay ?? 0) * share;
      check.observed += found[place]?.alerts ?? 0;
    });
    onProgress(index + 1);
  }
  return checks;
};

const frameCountOf = async (clip: Clip, options: BudgetCheckOptions): Promise<number> => {
  if (clip.footage.kind === 'images') return clip.footage.paths.length;
  let frames = 0;
  for await (const { run } of runsOf([clip], options.readFrames, options.batchFrames)) {
    frames += run.frameCount;
  }
  return frames;
};

/** Fits the others, then counts the alerts of the clip at each budget's threshold. */
const watchClip = async (
  options: BudgetCheckOptions,
  others: readonly Clip[],
  clip: Clip,
  checks: readonly { readonly alertsPerDay: number }[],
) => {
  const spool = await options.openSpool();
  try {
    const fit = new SceneFit({
      ...options,
      spool,
      alert: { ...options.policy, budget: 1 },
      gapMs: 60_000,
    });
    await addClips(fit, options, others);
    const { gaussians } = await fit.finish();
    const budgets = checks.map(({ alertsPerDay }) => fit.budget(alertsPerDay));
    const thresholds = budgets.map(({ threshold }) => threshold);
    const alerts = await countAlerts(options, clip, gaussians, thresholds);
    return budgets.map(({ predictedPerDay }, index) => ({
      predictedPerDay,
      alerts: alerts[index] ?? 0,
    }));
  } finally {
    await spool.remove();
  }
};

const addClips = async (
  fit: SceneFit,
  { readFrames, batchFrames, framesPerSecond }: BudgetCheckOptions,
  clips: readonly Clip[],
): Promise<void> => {
  let startMs = 0;
  for await (const { first, run } of runsOf(clips, readFrames, batchFrames)) {
    // Clips lie an hour apart.
    if (first === 0) startMs += 3_600_000;
    const times = Array.from({ length: run.frameCount }, (_, index) => {
      const mediaTimeMs = startMs + ((first + index) * 1_000) / framesPerSecond;
      return { mediaTimeMs, capturedAtMs: mediaTimeMs };
    });
    await fit.add({ pixels: run.pixels, hasContext: run.context !== 'none', times });
  }
};

/** Alerts that open over the clip, for each threshold. */
const countAlerts = async (
  options: BudgetCheckOptions,
  clip: Clip,
  gaussians: SceneGaussians,
  thresholds: readonly number[],
): Promise<readonly number[]> => {
  const { readFrames, batchFrames, framesPerSecond, policy, smoothing } = options;
  const trackers = thresholds.map(() => new AlertTracker(cameraId('clip'), policy));
  const alerts = thresholds.map(() => 0);
  const scorer = new SceneScorer({ ...options, gaussians });
  const cellCount = scorer.mapSide ** 2;
  const smoother = new MapSmoother({ weight: smoothing, cellCount });
  for await (const { first, run } of runsOf([clip], readFrames, batchFrames)) {
    const maps = await scorer.score(run);
    for (let index = 0; index < run.frameCount; index++) {
      const map = smoother.smooth(maps.subarray(index * cellCount, (index + 1) * cellCount));
      const timeMs = ((first + index) * 1_000) / framesPerSecond;
      const frame = {
        sceneId: sceneId('normal'),
        stamp: { sequence: first + index, capturedAtMs: timeMs, mediaTimeMs: timeMs },
        score: peakOf(map, options.isIgnored).score,
        peak: { x: 0, y: 0 },
        cue: 'appearance' as const,
        region: () => ({ x: 0, y: 0, width: 1, height: 1 }),
      };
      thresholds.forEach((threshold, place) => {
        const phases = trackers[place]?.observe({ ...frame, threshold }) ?? [];
        if (phases.some(({ phase }) => phase === 'open')) alerts[place] = (alerts[place] ?? 0) + 1;
      });
    }
  }
  return alerts;
};
