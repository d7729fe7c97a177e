// `evaluate --dataset scenes`: each clip's normal part is learnt as `fit` would, the rest watched as `run` would, and
// what was told is held against what happened.
import { tmpdir } from 'node:os';

import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import type { Alert } from '../../core/alert.ts';
import { PatchwatchError } from '../../core/errors.ts';
import { cameraId, sceneId } from '../../core/ids.ts';
import type { Engine } from '../../core/ports/engine.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import type { SceneClip } from '../../datasets/scene-clip.ts';
import { readSceneClips } from '../../datasets/scene-clips.ts';
import { judgeClip, type ClipVerdict } from '../../evaluation/judge-clip.ts';
import {
  byKind,
  poolClips,
  type ClipFigures,
  type KindFigures,
  type PooledFigures,
} from '../../evaluation/pool-clips.ts';
import { AlertLog, type ToldAlert } from '../../evaluation/told-alert.ts';
import { openMedian } from '../../motion/open-median.ts';
import { SharedFlow } from '../../movement/shared-flow.ts';
import { partLearners } from '../../fitting/part-learners.ts';
import { FrameSpool } from '../../fitting/frame-spool.ts';
import { SceneFit } from '../../fitting/fit-scene.ts';
import type { ScoredFrame } from '../../reading/score-reader.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { clipRate } from './clip-rate.ts';
import { DEFAULT_POLICY } from './evaluation-policy.ts';
import { learnFootage } from './learn-footage.ts';
import { openParts, type MethodOptions } from './open-method.ts';
import { BATCH_FRAMES } from '../read-frames.ts';
import { watchFootage } from '../watch-footage.ts';

const CAMERA = cameraId('clip');
const SCENE = sceneId('normal');
const HOURS_PER_DAY = 24;
const MS_PER_HOUR = 3_600_000;

/** For a report: sees every clip from its first frame to its verdict. */
export interface SceneObserver {
  begin(clip: SceneClip): void;
  frame(frame: ScoredFrame): void;
  alert(alert: Alert): void;
  picture(pixels: Uint8Array, isAlertOpen: boolean): Promise<void>;
  end(verdict: ClipVerdict): void;
}

export interface SceneEvaluationOptions extends MethodOptions {
  readonly root: string;
  /** Clips whose name holds it; all when undefined. */
  readonly category: string | undefined;
  readonly signal: AbortSignal;
  readonly observer?: SceneObserver;
  readonly onProgress: (clipId: string, frameCount: number) => void;
}

export interface ClipReport extends Omit<ClipFigures, 'isTold' | 'viewExpected'> {
  readonly clip: string;
  readonly nuisance: string | null;
  readonly views: readonly string[];
  readonly framesPerSecond: number;
  readonly learntFrames: number;
  readonly threshold: number | null;
  readonly alerts: number;
  /** Highest score, in thresholds, of the clip. */
  readonly highest: number;
  /** Stream times of false alerts, seconds. */
  readonly falseAlertsAt: readonly number[];
  /** What each was raised by. */
  readonly falseAlertCues: readonly string[];
  /** What this clip can't tell, and why; such clips are not pooled. */
  readonly cantTell: string | null;
}

export interface SceneEvaluation {
  readonly dataset: 'scenes';
  readonly profile: string;
  readonly backbone: string;
  readonly engine: string;
  readonly clips: readonly ClipReport[];
  readonly byKind: Readonly<Record<string, KindFigures>>;
  readonly pooled: PooledFigures;
  readonly byGroup: Readonly<Record<string, PooledFigures>>;
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** @throws PatchwatchError USAGE, DATASET_INVALID, SOURCE_*, INTERRUPTED, … */
export const runSceneEvaluation = async (
  options: SceneEvaluationOptions,
): Promise<SceneEvaluation> => {
  const clips = await readSceneClips(options.root, options.category);
  const opened = await openParts(options);
  const engine: Engine = opened.parts.engine;
  try {
    const learnt = new Map<string, Promise<SceneModel | string>>();
    const reports: ClipReport[] = [];
    for (const clip of clips) {
      const key = JSON.stringify([clip.learn, clipRate(clip)]);
      const known = learnt.get(key) ?? learnClip(clip, opened, options);
      learnt.set(key, known);
      reports.push(await watchClip(clip, await known, opened, options));
    }
    return {
      dataset: 'scenes',
      profile: opened.parts.profile.name,
      backbone: opened.backbone,
      engine: engine.name,
      clips: reports,
      ...figuresOf(reports),
    };
  } finally {
    await engine.close();
  }
};

const figuresOf = (
  reports: readonly ClipReport[],
): Pick<SceneEvaluation, 'byKind' | 'pooled' | 'byGroup'> => {
  const figures = reports.map((report): ClipFigures => ({
    ...report,
    isTold: report.cantTell === null,
    viewExpected: report.views.length > 0,
  }));
  const groups = [...new Set(figures.map(({ group }) => group))];
  return {
    byKind: byKind(figures),
    pooled: poolClips(figures),
    byGroup: Object.fromEntries(
      groups.map((group) => [group, poolClips(figures.filter((one) => one.group === group))]),
    ),
  };
};

/** A text where it can't be learnt, that says why. */
const learnClip = async (
  clip: SceneClip,
  { parts, plans, backbone, backboneSha256 }: Parts,
  options: SceneEvaluationOptions,
): Promise<SceneModel | string> => {
  const [plan, ...others] = plans;
  if (plan === undefined || others.length > 0 || parts.projection !== undefined) {
    throw new PatchwatchError(
      'USAGE',
      'scenes are for what cameras are watched with: leave out --stages and --reduction',
    );
  }
  if (clip.learn.length === 0) return 'it has no normal part to learn';
  const fps = clipRate(clip);
  const spool = await FrameSpool.create(tmpdir());
  const flow = new SharedFlow(parts.motion);
  const learners = partLearners({
    ...{ ...parts, plan, fps, flow, stay: true, seed: options.seed },
    median: await openMedian(),
    folder: tmpdir(),
    budgetPerDay: DEFAULT_POLICY.budget,
  });
  try {
    const fit = new SceneFit({
      ...{ ...parts, motion: flow, plan, spool },
      partLearners: learners,
      batchFrames: BATCH_FRAMES,
      smoothing: parts.profile.smoothing,
      alert: DEFAULT_POLICY,
      gapMs: frameGapMs(fps),
      footageKind: 'video',
      shrinkage: options.shrinkage,
      isIgnored: undefined,
      identity: { cameraId: CAMERA, sceneId: SCENE, backbone, backboneSha256, seed: options.seed },
    });
    await learnFootage(fit, {
      pieces: clip.learn,
      fps,
      folderFps: clip.learnFramesPerSecond,
      batchFrames: BATCH_FRAMES,
      ffmpeg: new FfmpegBinary({ path: 'ffmpeg' }),
      logger: silentLogger,
      signal: options.signal,
      onProgress: (frameCount) => {
        options.onProgress(clip.id, frameCount);
      },
    });
    if (options.signal.aborted) throw interrupted();
    return await fit.finish();
  } catch (error) {
    if (error instanceof PatchwatchError && error.code.startsWith('FOOTAGE_')) {
      return `its normal part can't be learnt: ${error.message}`;
    }
    throw error;
  } finally {
    for (const learner of learners) await learner.release?.();
    await spool.remove();
  }
};

const interrupted = (): PatchwatchError =>
  new PatchwatchError('INTERRUPTED', 'evaluate was interrupted: nothing was written');

const watchClip = async (
  clip: SceneClip,
  learnt: SceneModel | string,
  { parts }: Parts,
  { signal, observer, onProgress }: SceneEvaluationOptions,
): Promise<ClipReport> => {
  if (typeof learnt === 'string') return reportOf(clip, undefined, [], 0, learnt);
  const log = new AlertLog();
  const fps = clipRate(clip);
  let highest = 0;
  observer?.begin(clip);
  await watchFootage({
    camera: { ...CAMERA_SETTINGS, fps, smoothing: parts.profile.smoothing },
    sceneId: SCENE,
    model: learnt,
    modelVersion: clip.id,
    engine: parts.engine,
    motion: parts.motion,
    ffmpeg: new FfmpegBinary({ path: 'ffmpeg' }),
    logger: silentLogger,
    from: clip.path,
    signal,
    accepts: ({ mediaTimeMs }) => mediaTimeMs >= clip.watchFromMs,
    onFrame: (frame) => {
      highest = Math.max(highest, frame.score / frame.threshold);
      observer?.frame(frame);
    },
    onAlert: (alert) => {
      log.add(alert);
      observer?.alert(alert);
    },
    onView: (event) => {
      log.addView(event);
    },
    onPicture: async (pixels, isAlertOpen) => {
      await observer?.picture(pixels, isAlertOpen);
    },
    onProgress: (frameCount) => {
      onProgress(clip.id, frameCount);
    },
  });
  if (signal.aborted) throw interrupted();
  observer?.end(judgeClip(clip, log.alerts));
  const cantTell = clip.isTimeLapse
    ? 'it is a time-lapse: hours, delays and budgets mean nothing'
    : null;
  return reportOf(clip, learnt, log.alerts, highest, cantTell);
};

const CAMERA_SETTINGS = {
  id: CAMERA,
  decode: 'all',
  lowres: 0,
  ignore: [],
  alert: DEFAULT_POLICY,
} as const;

const reportOf = (
  clip: SceneClip,
  model: SceneModel | undefined,
  alerts: readonly ToldAlert[],
  highest: number,
  cantTell: string | null,
): ClipReport => {
  const { events, falseAlerts, quietMs, viewRight, viewWrong } = judgeClip(clip, alerts);
  const hours = quietMs / MS_PER_HOUR;
  const perDay = Number(model?.metadata.calibration.predictedPerDay ?? 0);
  return {
    clip: clip.id,
    group: clip.group,
    nuisance: clip.nuisance ?? null,
    framesPerSecond: clipRate(clip),
    learntFrames: model?.metadata.trainingFrameCount ?? 0,
    threshold: model?.metadata.threshold ?? null,
    alerts: alerts.length,
    highest,
    events,
    falseAlerts: falseAlerts.length,
    falseAlertsAt: falseAlerts.map(({ openedMs }) => openedMs / 1_000),
    falseAlertCues: falseAlerts.map(({ cue }) => cue ?? 'view'),
    predictedFalseAlerts: (perDay * hours) / HOURS_PER_DAY,
    hours,
    views: clip.views,
    viewRight,
    viewWrong,
    cantTell,
  };
};
