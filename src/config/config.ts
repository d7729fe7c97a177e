// The settings in use: defaults merged into each camera, durations in milliseconds, paths absolute,
// secrets read. Everything behind the edge works on these.
import type { Point } from '../core/place.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { ConfigDocument } from './config-schema.ts';
import type { QueueConfig } from './queue-config.ts';

export interface TimeWindow {
  /** Minutes since local midnight, the end excluded; a window that ends before it starts wraps around midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface SceneConfig {
  readonly sceneId: SceneId;
  /** Any of these; always when undefined. */
  readonly between: readonly TimeWindow[] | undefined;
  /** Whatever the light when undefined. */
  readonly light: 'color' | 'infrared' | undefined;
}

export interface AlertConfig {
  /** `auto`: the scene model's own. */
  readonly threshold: number | 'auto';
  /** False alerts a day that are acceptable. */
  readonly budget: number;
  /** Closing level as a fraction of the threshold. */
  readonly hysteresis: number;
  readonly minDurationMs: number;
  readonly cooldownMs: number;
  readonly updateIntervalMs: number;
}

type CameraDefaults = ConfigDocument['defaults'];

export interface CameraConfig extends Pick<
  CameraDefaults,
  | 'enabled'
  | 'transport'
  | 'realtime'
  | 'loop'
  | 'decode'
  | 'lowres'
  | 'fps'
  | 'staticGate'
  | 'profile'
  | 'change'
  | 'motion'
  | 'stay'
  | 'backbone'
  | 'seed'
  | 'smoothing'
> {
  readonly id: CameraId;
  /** May hold credentials: redactUrl before it is shown. Paths are absolute. Empty when it is not known. */
  readonly url: string;
  /** Why the address is not known, as `file:line:col: path: …`: a secret that is not there. */
  readonly problem: string | undefined;
  readonly maxLatencyMs: number;
  readonly stallTimeoutMs: number;
  readonly alert: AlertConfig;
  /** Polygons in fractions of the picture. */
  readonly ignore: readonly (readonly Point[])[];
  /** In the order of the file: the first that matches is used. */
  readonly scenes: readonly [SceneConfig, ...SceneConfig[]];
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** Undefined only on loopback. */
  readonly authToken: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly maxClients: number;
}

export interface Config {
  /** Absolute path of the file. */
  readonly path: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly log: Readonly<ConfigDocument['log']>;
  readonly server: ServerConfig;
  readonly queue: QueueConfig;
  readonly engine: Readonly<Omit<ConfigDocument['engine'], 'sceneMemory'>> & {
    readonly sceneMemoryBytes: number;
  };
  readonly ffmpeg: Readonly<ConfigDocument['ffmpeg']>;
  /** In the order of the file; those with `enabled: false` too. */
  readonly cameras: readonly CameraConfig[];
  /** What is allowed but hardly meant, as `file:line:col: path: …`. */
  readonly warnings: readonly string[];
}
