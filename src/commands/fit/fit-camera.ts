// `fit`: learns one scene of a configured camera, from its stream, a file or a folder of frames.
import { join } from 'node:path';

import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import type { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import { ReconnectingSource } from '../../capture/reconnecting-source.ts';
import { isLive } from '../../capture/source-kind.ts';
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { PatchwatchError } from '../../core/errors.ts';
import type { FrameSink, FrameTime } from '../../core/ports/frame-source.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import { BatchSink, type FrameBatch } from '../../fitting/batch-sink.ts';
import { SceneFit } from '../../fitting/fit-scene.ts';
import { forget } from '../../fitting/forget.ts';
import { FilterSink } from '../../fitting/filter-sink.ts';
import { FootageClock } from '../../fitting/footage-clock.ts';
import { partLearners } from '../../fitting/part-learners.ts';
import { FrameSpool } from '../../fitting/frame-spool.ts';
import { drawEmbeddingPlan } from '../../padim/embedding-plan.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { ignoreMask } from '../../core/ignore-mask.ts';
import { cameraSource, footageSource } from '../../ingest/camera-source.ts';
import { SceneRouter } from '../../ingest/scene-router.ts';
import type { FitIdentity } from '../../store/fit-state-codec.ts';
import { FitStateStore } from '../../store/fit-state-store.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { modelsDir } from '../../config/data-folders.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { openMedian } from '../../motion/open-median.ts';
import { openMotion } from '../../motion/open-motion.ts';
import { resolveModelSetting } from '../../scoring/model-requirements.ts';
import { ReleaseStack } from '../../process/release-stack.ts';

import { systemClock } from '../../process/system-clock.ts';

/** Bounds the memory of fitting; larger batches are not faster on a CPU. */
const BATCH_FRAMES = 32;

export interface FitProgress {
  readonly frameCount: number;
  /** Stream time of the last frame, from the first. */
  readonly mediaTimeMs: number;
}

export interface FitCameraOptions {
  readonly config: Config;
  readonly camera: CameraConfig;
  readonly scene: SceneConfig;
  /** Recorded footage instead of the camera's stream. */
  readonly from: string | undefined;
  /** Ends the footage after this much stream time. */
  readonly durationMs: number | undefined;
  /** Goes on from the scene's earlier fit, of which this share is forgotten; undefined: starts anew. */
  readonly extend?: { readonly forget: number } | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FitProgress) => void;
}

export interface FitReport {
  readonly model: SceneModel;
  readonly version: string;
  readonly sizeBytes: number;
  readonly path: string;
  readonly seconds: number;
}

/** @throws PatchwatchError; nothing is written unless it resolves */
export const fitCamera = async (options: FitCameraOptions): Promise<FitReport> => {
  const { config, camera, scene } = options;
  const startMs = performance.now();
  const stack = new ReleaseStack();
  return stack.around(async () => {
    const { profile, backbone, requirements } = await resolveModelSetting(camera, config.engine);
    const engine = openEngine(config.engine, options.logger);
    stack.push(() => engine.close());
    const states = new FitStateStore(modelsDir(config), camera.id, scene.sceneId);
    const stateIdentity: FitIdentity = {
      profile: requirements.profile,
      backbone: requirements.backbone,
      backboneSha256: requirements.backboneSha256,
      ...profile.cues,
      seed: camera.seed,
    };
    const earlier =
      options.extend === undefined
        ? undefined
        : forget(await states.load(stateIdentity), options.extend.forget);
    const spool = await FrameSpool.create(join(config.dataDir, 'tmp'));
    stack.push(() => spool.remove());
    const plan = drawEmbeddingPlan({
      profile,
      backbone: backbone.name,
      stageChannels: backbone.stageChannels,
      seed: camera.seed,
    });
    const learners = partLearners({
      ...{ engine, profile, plan, fps: camera.fps, stay: camera.stay, seed: camera.seed },
      median: await openMedian(),
      folder: join(config.dataDir, 'tmp'),
      budgetPerDay: camera.alert.budget,
    });
    for (const learner of learners) stack.push(() => learner.release?.());
    const fit = new SceneFit({
      ...{ engine, profile, spool, earlier, plan },
      partLearners: learners,
      batchFrames: BATCH_FRAMES,
      smoothing: camera.smoothing,
      alert: camera.alert,
      gapMs: frameGapMs(camera.fps),
      motion: await openMotion(),
      footageKind: 'video',
      shrinkage: undefined,
      isIgnored: ignoreMask(camera.ignore, profile.map.side),
      identity: {
        cameraId: camera.id,
        sceneId: scene.sceneId,
        backbone: backbone.name,
        backboneSha256: requirements.backboneSha256,
        seed: camera.seed,
      },
    });
    await playFootage(options, fit);
    const model = await fit.finish();
    const saved = await new FsModelStore({ folder: modelsDir(config) }).save(model);
    await states.save(fit.state, stateIdentity);
    return { model, ...saved, seconds: (performance.now() - startMs) / 1_000 };
  });
};

/** A camera that is down for longer than it gave footage is not waited for. */
const longestWaitMs = (durationMs: number): number => 2 * durationMs + 60_000;

/** Feeds the footage to the fit until its end, the duration, or Ctrl-C (which throws INTERRUPTED). */
const playFootage = async (options: FitCameraOptions, fit: SceneFit): Promise<void> => {
  const { camera, signal, durationMs = Infinity } = options;
  const isStream = isLive(options.from ?? camera.url);
  const gapMs = frameGapMs(camera.fps);
  const footage = new FootageClock({ clock: systemClock, gapMs });
  const enough = new AbortController();
  let firstMs: number | undefined;
  const batches = new BatchSink({
    batchFrames: BATCH_FRAMES,
    gapMs,
    handle: async (batch: FrameBatch) => {
      await fit.add(batch);
      const lastMs = batch.times.at(-1)?.mediaTimeMs ?? 0;
      const mediaTimeMs = isStream ? footage.footageMs : lastMs - (firstMs ?? lastMs);
      options.onProgress({ frameCount: fit.frameCount, mediaTimeMs });
    },
  });
  const isOfScene = sceneTest(options, isStream);
  const filter = new FilterSink({
    sink: batches,
    accepts: (pixels, time) => {
      firstMs ??= time.mediaTimeMs;
      const playedMs = isStream ? footage.footageMs : time.mediaTimeMs - firstMs;
      if (playedMs >= durationMs) enough.abort();
      return !enough.signal.aborted && isOfScene(pixels, time);
    },
  });
  const ending = AbortSignal.any([signal, enough.signal]);
  if (isStream) await playStream(options, { footage, filter, ending, durationMs });
  else await sourceOf(options).play(filter, ending);
  if (signal.aborted) {
    throw new PatchwatchError('INTERRUPTED', 'fit was interrupted: nothing was written');
  }
  await batches.flush();
};

const sourceOf = ({ config, camera, logger, from }: FitCameraOptions): FfmpegSource => {
  const playing = {
    ffmpeg: new FfmpegBinary({ path: config.ffmpeg.path }),
    clock: systemClock,
    logger,
  };
  return from === undefined ? cameraSource(camera, playing) : footageSource(camera, from, playing);
};

interface StreamPlay {
  readonly footage: FootageClock;
  readonly filter: FrameSink;
  readonly ending: AbortSignal;
  readonly durationMs: number;
}

/** Opens the stream again when it breaks. One that never gave a frame fails at once: its address may be wrong. */
const playStream = async (options: FitCameraOptions, play: StreamPlay): Promise<void> => {
  const { camera, logger } = options;
  const { footage, filter, ending, durationMs } = play;
  const givenUp = new AbortController();
  const seen: { hasFrame: boolean; reason?: PatchwatchError } = { hasFrame: false };
  const source = new ReconnectingSource({
    source: sourceOf(options),
    clock: systemClock,
    random: Math.random,
    onState: (state) => {
      if (state.kind === 'up') seen.hasFrame = true;
      if (state.kind === 'stalled' || state.kind === 'down') footage.break();
      if (state.kind !== 'down') return;
      const { reason, delayMs } = state;
      seen.reason = reason;
      if (!seen.hasFrame || reason.code === 'SOURCE_REFUSED') givenUp.abort();
      else
        logger.warn('stream broke: opening it again', {
          camera: camera.id,
          reason: reason.message,
          delayMs,
        });
    },
  });
  const sink: FrameSink = {
    reserve: () => filter.reserve(),
    commit: (time) => filter.commit(footage.frame(time)),
  };
  const waited = new AbortController();
  if (Number.isFinite(durationMs)) {
    systemClock.sleep(longestWaitMs(durationMs), waited.signal).then(
      () => {
        givenUp.abort();
      },
      () => undefined,
    );
  }
  try {
    await source.play(sink, AbortSignal.any([ending, givenUp.signal]));
  } finally {
    waited.abort();
  }
  if (ending.aborted) return;
  const { hasFrame, reason } = seen;
  if (!hasFrame && reason !== undefined) throw reason;
  const gotS = Math.round(footage.footageMs / 1_000);
  throw new PatchwatchError(
    'FOOTAGE_TOO_SHORT',
    `camera ${camera.id} gave ${gotS} s of the ${Math.round(durationMs / 1_000)} s to learn, then no more; nothing was written; ` +
      `check the camera${reason === undefined ? '' : ` (${reason.message})`}`,
    { cause: reason },
  );
};

/**
 * A stream shows all of the camera's scenes in turn: only frames of the one that was named are learnt. Recorded footage
 * is of that scene, whatever it looks like. What does not seem to be of the scene is told at once.
 */
const sceneTest = (
  { camera, scene, logger }: FitCameraOptions,
  isStream: boolean,
): ((pixels: Uint8Array, time: FrameTime) => boolean) => {
  const { sceneId, light } = scene;
  const router = new SceneRouter(isStream ? camera.scenes : [{ sceneId, light }], camera.ignore);
  let isTold = false;
  return (pixels, time) => {
    const shown = router.sceneOf(pixels, time.capturedAtMs);
    if (shown === sceneId) return true;
    if (!isTold) {
      isTold = true;
      const fields = { camera: camera.id, scene: sceneId, shown: shown ?? 'none', light };
      if (isStream)
        logger.warn('scene does not apply now: waiting for it, nothing is learnt', fields);
      else logger.warn('footage does not have the light of the scene: learnt all the same', fields);
    }
    return !isStream;
  };
};
