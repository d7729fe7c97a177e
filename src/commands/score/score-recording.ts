// `score`: what a recording would have raised.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import { VideoWriter } from '../../capture/video-writer.ts';
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { loadConfigInPart } from '../../config/load-config.ts';
import { PatchwatchError, systemErrorCode } from '../../core/errors.ts';
import type { StoredModel } from '../../core/ports/model-store.ts';
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
import { watchFootage } from '../watch-footage.ts';

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
  const { options, config, camera, scene, stored, ffmpeg, record, stack } = playback;
  const logger = new PinoLogger(config.log);
  const engine = openEngine(config.engine, logger);
  stack.push(() => engine.close());
  await watchFootage({
    camera,
    sceneId: scene.sceneId,
    model: stored.model,
    modelVersion: stored.version,
    engine,
    motion: await openMotion(),
    ffmpeg,
    logger,
    from: options.from,
    signal: options.signal,
    onFrame: (frame) => {
      record.addFrame(frame);
    },
    onAlert: (alert) => {
      record.addAlert(alert);
    },
    onPicture: (pixels, isAlertOpen) => record.drawFrame(pixels, isAlertOpen),
    onProgress: options.onProgress,
  });
  if (options.signal.aborted) {
    throw new PatchwatchError('INTERRUPTED', 'score was interrupted: nothing was written');
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
