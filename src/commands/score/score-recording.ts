// `score`: what a recording would have raised. It goes through the parts that `run` is made of, as fast as they can,
// on the recording's own clock.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import { VideoWriter } from '../../capture/video-writer.ts';
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { loadConfigInPart } from '../../config/load-config.ts';
import { PatchwatchError, systemErrorCode } from '../../core/errors.ts';
import { FRAME_BYTES } from '../../core/frame.ts';
import type { StoredModel } from '../../core/ports/model-store.ts';
import { BatchSink, type FrameBatch } from '../../fitting/batch-sink.ts';
import { embeddingPlanOf } from '../../padim/embedding-plan.ts';
import { profileNamed } from '../../padim/profile.ts';
import { SceneScorer } from '../../padim/scene-scorer.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { ScoreReader } from '../../reading/score-reader.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { writeAtomically } from '../../store/atomic-write.ts';
import { PinoLogger } from '../../telemetry/pino-logger.ts';
import { fitCommand } from '../../process/command-line.ts';
import { findCamera, findScene } from '../find-scene.ts';
import { resolveModelSetting } from '../../scoring/model-requirements.ts';
import { modelsDir } from '../../config/data-folders.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { openMotion } from '../../motion/open-motion.ts';
import { ReleaseStack } from '../../process/release-stack.ts';
import { ScoreRecord, type RecordedAlert } from './score-record.ts';
import { systemClock } from '../../process/system-clock.ts';

const BATCH_FRAMES = 16;

export interface ScoreRecordingOptions {
  readonly configPath: string;
  readonly camera: string;
  readonly scene: string | undefined;
  readonly from: string;
  /** Where scores.csv, alerts.json and overlay.mp4 go; nowhere when undefined. */
  readonly outDir: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (frameCount: number) => void;
}

export interface RecordingReport {
  readonly camera: string;
  readonly scene: string;
  readonly modelVersion: string;
  readonly frames: number;
  readonly threshold: number;
  readonly alerts: readonly RecordedAlert[];
  readonly files: readonly string[];
}

/** @throws PatchwatchError MODEL_MISSING, SOURCE_*, STORAGE_FAILED, INTERRUPTED; nothing is half-written */
export const scoreRecording = async (options: ScoreRecordingOptions): Promise<RecordingReport> => {
  const config = await loadConfigInPart(options.configPath, process.env);
  const camera = findCamera(config, options.camera);
  const scene = findScene(camera, options.scene);
  const stored = await loadModel(config, camera, scene);
  const ffmpeg = new FfmpegBinary({ path: config.ffmpeg.path });
  const stack = new ReleaseStack();
  return stack.around(async () => {
    const overlay = await openOverlay(options.outDir, ffmpeg, camera.fps);
    if (overlay !== undefined) stack.push(() => overlay.discard());
    const record = new ScoreRecord(overlay);
    await play({ options, config, camera, scene, stored, ffmpeg, record, stack });
    return {
      camera: camera.id,
      scene: scene.sceneId,
      modelVersion: stored.version,
      frames: record.frameCount,
      threshold: thresholdOf(camera, stored),
      alerts: record.alerts,
      files: options.outDir === undefined ? [] : await save(options.outDir, record, overlay),
    };
  });
};

const thresholdOf = (camera: CameraConfig, { model }: StoredModel): number =>
  camera.alert.threshold === 'auto' ? model.metadata.threshold : camera.alert.threshold;

const loadModel = async (
  config: Config,
  camera: CameraConfig,
  { sceneId }: SceneConfig,
): Promise<StoredModel> => {
  const { requirements } = await resolveModelSetting(camera, config.engine);
  const store = new FsModelStore({ folder: modelsDir(config) });
  const stored = await store.load(camera.id, sceneId, requirements);
  if (stored !== undefined) return stored;
  throw new PatchwatchError(
    'MODEL_MISSING',
    `camera ${camera.id}, scene ${sceneId} was never fitted: ${fitCommand(config.path, camera.id, sceneId)}`,
  );
};

const openOverlay = async (
  outDir: string | undefined,
  ffmpeg: FfmpegBinary,
  fps: number,
): Promise<VideoWriter | undefined> => {
  if (outDir === undefined) return undefined;
  await mkdir(outDir, { recursive: true }).catch((error: unknown) => {
    throw new PatchwatchError(
      'STORAGE_FAILED',
      `can't make the folder ${outDir} (${systemErrorCode(error) ?? 'unknown error'}): check --out`,
      { cause: error },
    );
  });
  const writer = new VideoWriter({ ffmpeg, path: join(outDir, 'overlay.mp4'), fps });
  await writer.start();
  return writer;
};

interface Playback {
  readonly options: ScoreRecordingOptions;
  readonly config: Config;
  readonly camera: CameraConfig;
  readonly scene: SceneConfig;
  readonly stored: StoredModel;
  readonly ffmpeg: FfmpegBinary;
  readonly record: ScoreRecord;
  readonly stack: ReleaseStack;
}

const play = async (playback: Playback): Promise<void> => {
  const { options, config, camera, ffmpeg, stored, record, stack } = playback;
  const { model } = stored;
  const engine = openEngine(config.engine, new PinoLogger(config.log));
  stack.push(() => engine.close());
  const scorer = new SceneScorer({
    engine,
    motion: await openMotion(),
    profile: profileNamed(model.metadata.profile),
    plan: embeddingPlanOf(model),
    gaussians: model.gaussians,
  });
  const reader = new ScoreReader({
    cameraId: camera.id,
    smoothing: camera.smoothing,
    threshold: camera.alert.threshold === 'auto' ? undefined : camera.alert.threshold,
    ignore: camera.ignore,
    policy: camera.alert,
    gapMs: frameGapMs(camera.fps),
    onFrame: (frame) => {
      record.addFrame(frame);
    },
    onAlert: (alert) => {
      record.addAlert(alert);
    },
  });
  const sink = new BatchSink({
    batchFrames: BATCH_FRAMES,
    gapMs: frameGapMs(camera.fps),
    handle: async (batch) => {
      await readBatch(playback, scorer, reader, batch);
      options.onProgress(record.frameCount);
    },
  });
  const source = new FfmpegSource({
    url: options.from,
    ffmpeg,
    fps: camera.fps,
    decoding: { frames: camera.decode, lowres: camera.lowres },
    clock: systemClock,
    logger: new PinoLogger(config.log),
  });
  await source.play(sink, options.signal);
  if (options.signal.aborted) {
    throw new PatchwatchError('INTERRUPTED', 'score was interrupted: nothing was written');
  }
  await sink.flush();
  reader.expire(Infinity);
};

/** Frame by frame, so that each picture is drawn knowing whether an alert is open. */
const readBatch = async (
  { camera, scene, stored, record }: Playback,
  scorer: SceneScorer,
  reader: ScoreReader,
  { pixels, hasContext, times }: FrameBatch,
): Promise<void> => {
  const context = hasContext ? 'seen' : 'none';
  const maps = await scorer.score({ pixels, frameCount: times.length, context });
  const cellCount = scorer.mapSide ** 2;
  for (const [index, { mediaTimeMs }] of times.entries()) {
    const sequence = record.frameCount;
    reader.read({
      segmentId: `${camera.id}-${sequence}`,
      cameraId: camera.id,
      sceneId: scene.sceneId,
      stamps: [{ sequence, capturedAtMs: mediaTimeMs, mediaTimeMs }],
      side: scorer.mapSide,
      maps: maps.subarray(index * cellCount, (index + 1) * cellCount),
      modelVersion: stored.version,
      threshold: stored.model.metadata.threshold,
    });
    const place = index + (hasContext ? 1 : 0);
    const frame = pixels.subarray(place * FRAME_BYTES, (place + 1) * FRAME_BYTES);
    await record.drawFrame(frame, reader.isAlertOpen);
  }
};

const save = async (
  outDir: string,
  record: ScoreRecord,
  overlay: VideoWriter | undefined,
): Promise<readonly string[]> => {
  const csv = join(outDir, 'scores.csv');
  const json = join(outDir, 'alerts.json');
  await overlay?.finish();
  await writeAtomically(csv, [Buffer.from(record.csv())]);
  await writeAtomically(json, [Buffer.from(`${JSON.stringify(record.alerts, null, 2)}\n`)]);
  return [csv, json, join(outDir, 'overlay.mp4')];
};
