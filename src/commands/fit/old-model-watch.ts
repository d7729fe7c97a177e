// Before new footage is learnt, the model that stands watches it as `run` would: what it would have raised may be the
// very thing that nobody wants learnt.
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { modelsDir } from '../../config/data-folders.ts';
import { PatchwatchError } from '../../core/errors.ts';
import type { Point } from '../../core/place.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ModelRequirements } from '../../core/ports/model-store.ts';
import type { MotionEstimator } from '../../core/ports/motion-estimator.ts';
import type { FrameBatch } from '../../fitting/batch-sink.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { openMedian } from '../../motion/open-median.ts';
import { openWatch } from '../watch-footage.ts';

/** An alert that the model before would have raised on the new footage. */
export interface WouldAlert {
  /** Stream times from the footage's first frame on, milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly peakScore: number;
  readonly threshold: number;
  /** Where it was most unusual, in fractions of the picture. */
  readonly peak: Point;
}

export interface OldModelWatch {
  add(batch: FrameBatch, firstMs: number): Promise<void>;
  end(): void;
  readonly alerts: readonly WouldAlert[];
}

interface OldModelOptions {
  readonly config: Config;
  readonly camera: CameraConfig;
  readonly scene: SceneConfig;
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly requirements: ModelRequirements;
  readonly logger: Logger;
  /** Told as soon as it is over. */
  readonly onWouldAlert: (alert: WouldAlert) => void;
}

/** Alerts that are kept; what raises more is new from end to end. */
const MOST_ALERTS = 1_000;

/** Undefined where no model stands that could watch. */
export const watchWithOldModel = async (
  options: OldModelOptions,
): Promise<OldModelWatch | undefined> => {
  const { camera, scene } = options;
  const stored = await loadOldModel(options);
  if (stored === undefined) return undefined;
  const alerts: WouldAlert[] = [];
  let startMs = 0;
  const watch = openWatch(
    {
      camera,
      sceneId: scene.sceneId,
      model: stored.model,
      modelVersion: stored.version,
      engine: options.engine,
      motion: options.motion,
      onFrame: () => undefined,
      onAlert: ({ phase, startedAtMs, mediaTimeMs, peakScore, threshold, peak }) => {
        if (phase !== 'close' || alerts.length === MOST_ALERTS) return;
        const alert = {
          fromMs: Math.max(0, startedAtMs - startMs),
          toMs: mediaTimeMs - startMs,
          ...{ peakScore, threshold, peak },
        };
        alerts.push(alert);
        options.onWouldAlert(alert);
      },
      onPicture: () => undefined,
    },
    await openMedian(),
  );
  return {
    alerts,
    add: (batch, firstMs) => {
      startMs = firstMs;
      return watch.add(batch);
    },
    end: () => {
      watch.end();
    },
  };
};

/** A model that can't be read is no reason not to learn. */
const loadOldModel = async ({ config, camera, scene, requirements, logger }: OldModelOptions) => {
  const store = new FsModelStore({ folder: modelsDir(config) });
  const fields = { camera: camera.id, scene: scene.sceneId };
  try {
    return await store.load(camera.id, scene.sceneId, requirements);
  } catch (error) {
    if (!(error instanceof PatchwatchError)) throw error;
    const reason = error.message;
    logger.warn('no alerts of the model before can be told', { ...fields, reason });
    return undefined;
  }
};
