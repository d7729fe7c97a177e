// `demo`: learns the first part of the shipped clip and watches the rest, end to end, on real video.
import { fileURLToPath } from 'node:url';

import { loadConfig } from '../../config/load-config.ts';
import type { Config } from '../../config/config.ts';
import type { Alert } from '../../core/alert.ts';
import { isAlert } from '../../core/event.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import { PatchwatchError, toError } from '../../core/errors.ts';
import type { ModelStore, SceneModelMetadata } from '../../core/ports/model-store.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { PinoLogger } from '../../telemetry/pino-logger.ts';
import { Daemon } from '../../app/daemon.ts';
import { fitCamera } from '../fit/fit-camera.ts';
import type { FitProgress } from '../fit/play-footage.ts';
import { resolveModelSetting } from '../../scoring/model-requirements.ts';
import { modelsDir } from '../../config/data-folders.ts';

/** The clip's first frames, in which everybody keeps to the paths. */
export const LEARNT_MS = 48_000;

const DEMO_CONFIG = fileURLToPath(new URL('../../../config/demo.yaml', import.meta.url));

export interface DemoOptions {
  /** Ends after one pass instead of starting again. */
  readonly once: boolean;
  readonly port: number | undefined;
  readonly signal: AbortSignal;
  readonly onFitProgress: (progress: FitProgress) => void;
  readonly onFitted: (model: SceneModelMetadata, isNew: boolean) => void;
  readonly onWatching: (url: string) => void;
  readonly onAlert: (alert: Alert) => void;
}

export interface DemoSummary {
  readonly scoredFrames: number;
  readonly droppedFrames: number;
  readonly alertCount: number;
  readonly largestScore: number;
  readonly threshold: number;
}

export const runDemo = async (options: DemoOptions): Promise<DemoSummary> => {
  const config = await demoConfig(options);
  const logger = new PinoLogger(config.log);
  await fitWhenNeeded(config, options);
  let alertCount = 0;
  let largestScore = 0;
  let threshold = 0;
  const daemon = new Daemon({
    config,
    logger,
    startAtMs: LEARNT_MS,
    consumers: [
      {
        name: 'demo',
        isDurable: false,
        consume: (entries) => {
          for (const { event } of entries) {
            if (!isAlert(event)) continue;
            if (event.phase === 'open') alertCount += 1;
            options.onAlert(event);
          }
        },
      },
    ],
    onFrame: (frame) => {
      largestScore = Math.max(largestScore, frame.score);
      threshold = frame.threshold;
    },
  });
  const url = await daemon.start();
  try {
    options.onWatching(url);
    await Promise.race([daemon.untilSourcesEnd(), untilAborted(options.signal)]);
  } finally {
    await daemon.stop();
  }
  const [camera] = config.cameras;
  const balance = camera === undefined ? undefined : daemon.ledger.balance(camera.id);
  return {
    scoredFrames: balance?.scored ?? 0,
    droppedFrames: balance?.droppedTotal ?? 0,
    alertCount,
    largestScore,
    threshold,
  };
};

const demoConfig = async ({ once, port }: DemoOptions): Promise<Config> => {
  const config = await loadConfig(DEMO_CONFIG, process.env);
  return {
    ...config,
    server: { ...config.server, port: port ?? config.server.port },
    cameras: config.cameras.map((camera) => ({ ...camera, loop: !once })),
  };
};

/** Fits the scene unless an earlier run's model serves. */
const fitWhenNeeded = async (config: Config, options: DemoOptions): Promise<void> => {
  const [camera] = config.cameras;
  if (camera === undefined) throw new RangeError('the demo has no camera');
  const [scene] = camera.scenes;
  const store: ModelStore = new FsModelStore({ folder: modelsDir(config) });
  const { requirements } = await resolveModelSetting(camera, config.engine);
  // A model of another version of the program is no failure here: it is fitted anew.
  const stored = await store
    .load(camera.id, scene.sceneId, requirements)
    .catch((thrown: unknown) => {
      if (thrown instanceof PatchwatchError && thrown.code.startsWith('MODEL_')) return undefined;
      throw toError(thrown);
    });
  if (stored !== undefined) {
    options.onFitted(stored.model.metadata, false);
    return;
  }
  const { model } = await fitCamera({
    config,
    camera,
    scene,
    from: camera.url,
    durationMs: LEARNT_MS,
    logger: new PinoLogger(config.log),
    signal: options.signal,
    onProgress: options.onFitProgress,
  });
  options.onFitted(model.metadata, true);
};
