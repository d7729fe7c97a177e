// From the file's settings to the settings in use: defaults laid under each camera, durations to
// milliseconds, relative paths from the file's folder. Total: everything was checked before.
import { fileURLToPath } from 'node:url';
import { dirname, resolve } from 'node:path';

import { cameraId, sceneId } from '../core/ids.ts';
import type { AlertConfig, CameraConfig, Config, SceneConfig, TimeWindow } from './config.ts';
import type { ConfigDocument } from './config-schema.ts';
import { durationMs } from './duration.ts';
import { queueConfig, type RedisSecrets } from './queue-config.ts';
import { sizeBytes } from './size.ts';

export interface ResolveContext {
  /** Absolute path of the file. */
  readonly path: string;
  readonly authToken: string | undefined;
  readonly redis: RedisSecrets;
  /** Address of each camera that has one. */
  readonly urlByCamera: ReadonlyMap<string, string>;
  /** Why the address of a camera is not known. */
  readonly problemByCamera: ReadonlyMap<string, string>;
  /** Ids in the order of the file. */
  readonly cameraIds: readonly string[];
  readonly sceneIds: (camera: string) => readonly string[];
}

type Settings = ConfigDocument['defaults'];
type SceneRules = Settings['scenes'];

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

const timeWindow = (text: string): TimeWindow => {
  const [from = '', to = ''] = text.split('-');
  return { fromMinute: minuteOf(from), toMinute: minuteOf(to) };
};

export const sceneConfigs = (rules: SceneRules, ids: readonly string[]): SceneConfig[] =>
  ids.map((id) => ({
    sceneId: sceneId(id),
    between: rules[id]?.between?.map(timeWindow),
    light: rules[id]?.light,
  }));

const alertConfig = (alert: Settings['alert']): AlertConfig => ({
  threshold: alert.threshold,
  budget: alert.budget,
  hysteresis: alert.hysteresis,
  minDurationMs: durationMs(alert.minDuration),
  cooldownMs: durationMs(alert.cooldown),
  updateIntervalMs: durationMs(alert.updateInterval),
});

/** Files and folders from the configuration file's folder; addresses and devices as they are. */
const sourceAddress = (url: string, path: string): string => {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return /^[a-z]+:\/\//i.test(url) ? url : resolve(dirname(path), url);
};

/** The defaults with the camera's own settings laid over them, key by key (also inside `alert`). */
export const cameraSettings = (
  document: ConfigDocument,
  camera: NonNullable<ConfigDocument['cameras'][string]>,
): Settings => {
  const { defaults } = document;
  return { ...defaults, ...camera, alert: { ...defaults.alert, ...camera.alert } };
};

const cameraConfig = (
  id: string,
  document: ConfigDocument,
  context: ResolveContext,
): CameraConfig[] => {
  const camera = document.cameras[id];
  const problem = context.problemByCamera.get(id);
  const url = problem === undefined ? context.urlByCamera.get(id) : '';
  if (camera === undefined || url === undefined) return [];
  const settings = cameraSettings(document, camera);
  const [first, ...others] = sceneConfigs(settings.scenes, context.sceneIds(id));
  if (first === undefined) return [];
  return [
    {
      id: cameraId(id),
      url: problem === undefined ? sourceAddress(url, context.path) : '',
      problem,
      enabled: settings.enabled,
      transport: settings.transport,
      realtime: settings.realtime,
      loop: settings.loop,
      decode: settings.decode,
      lowres: settings.lowres,
      fps: settings.fps,
      staticGate: settings.staticGate,
      profile: settings.profile,
      change: settings.change,
      motion: settings.motion,
      stay: settings.stay,
      backbone: settings.backbone,
      seed: settings.seed,
      smoothing: settings.smoothing,
      maxLatencyMs: durationMs(settings.maxLatency),
      stallTimeoutMs: durationMs(settings.stallTimeout),
      alert: alertConfig(settings.alert),
      ignore: settings.ignore.map((polygon) => polygon.map(([x, y]) => ({ x, y }))),
      scenes: [first, ...others],
    },
  ];
};

export const resolveConfig = (
  document: ConfigDocument,
  context: ResolveContext,
): Omit<Config, 'warnings'> => {
  const folder = dirname(context.path);
  const { host, port, allowedOrigins, maxClients } = document.server;
  const { sceneMemory, ...engine } = document.engine;
  const ffmpeg = document.ffmpeg.path;
  return {
    path: context.path,
    dataDir: resolve(folder, document.dataDir),
    log: document.log,
    server: { host, port, authToken: context.authToken, allowedOrigins, maxClients },
    queue: queueConfig(document.queue, context.redis, context.path),
    engine: { ...engine, sceneMemoryBytes: sizeBytes(sceneMemory) },
    ffmpeg: { path: ffmpeg.includes('/') ? resolve(folder, ffmpeg) : ffmpeg },
    cameras: context.cameraIds.flatMap((id) => cameraConfig(id, document, context)),
  };
};
