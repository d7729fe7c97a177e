// `fit`: learns one scene of a configured camera, from its stream, a file or a folder of frames.
import { join } from 'node:path';

import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import { isLive } from '../../capture/source-kind.ts';
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { PatchwatchError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import { BatchSink, type FrameBatch } from '../../fitting/batch-sink.ts';
import { SceneFit } from '../../fitting/fit-scene.ts';
import { forget } from '../../fitting/forget.ts';
import { FilterSink } from '../../fitting/filter-sink.ts';
import { FrameSpool } from '../../fitting/frame-spool.ts';
import { drawEmbeddingPlan } from '../../padim/embedding-plan.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { ignoreMask } from '../../reading/ignore-mask.ts';
import { SceneRouter } from '../../ingest/scene-router.ts';
import type { FitIdentity } from '../../store/fit-state-codec.ts';
import { FitStateStore } from '../../store/fit-state-store.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { modelsDir } from '../../config/data-folders.ts';
import { openEngine } from '../../engine/open-engine.ts';
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
    const fit = new SceneFit({
      engine,
      profile,
      spool,
      earlier,
      plan: drawEmbeddingPlan({
        profile,
        backbone: backbone.name,
        stageChannels: backbone.stageChannels,
        seed: camera.seed,
      }),
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

/** Feeds the footage to the fit until its end, the duration, or Ctrl-C (which throws INTERRUPTED). */
const playFootage = async (options: FitCameraOptions, fit: SceneFit): Promise<void> => {
  const { config, camera, scene, logger, signal, durationMs = Infinity } = options;
  const url = options.from ?? camera.url;
  const source = new FfmpegSource({
    url,
    ffmpeg: new FfmpegBinary({ path: config.ffmpeg.path }),
    fps: camera.fps,
    decoding: { frames: camera.decode, lowres: camera.lowres },
    transport: camera.transport,
    stallTimeoutMs: camera.stallTimeoutMs,
    clock: systemClock,
    logger,
  });
  const enough = new AbortController();
  let firstMs: number | undefined;
  const batches = new BatchSink({
    batchFrames: BATCH_FRAMES,
    gapMs: frameGapMs(camera.fps),
    handle: async (batch: FrameBatch) => {
      await fit.add(batch);
      const lastMs = batch.times.at(-1)?.mediaTimeMs ?? 0;
      options.onProgress({ frameCount: fit.frameCount, mediaTimeMs: lastMs - (firstMs ?? lastMs) });
    },
  });
  // A stream shows all of the camera's scenes in turn; recorded footage is of the scene that was named.
  const router = isLive(url) ? new SceneRouter(camera.scenes) : undefined;
  const sink = new FilterSink({
    sink: batches,
    accepts: (pixels, time) => {
      firstMs ??= time.mediaTimeMs;
      if (time.mediaTimeMs - firstMs >= durationMs) enough.abort();
      if (enough.signal.aborted) return false;
      return router === undefined || router.sceneOf(pixels, time.capturedAtMs) === scene.sceneId;
    },
  });
  await source.play(sink, AbortSignal.any([signal, enough.signal]));
  if (signal.aborted) {
    throw new PatchwatchError('INTERRUPTED', 'fit was interrupted: nothing was written');
  }
  await batches.flush();
};
