// From outcomes to whoever is told, as the gateway does it, over a log that is full: it keeps so many events, however long
// it runs, and would seem to grow until then.
import { systemClock } from '../../dist/process/system-clock.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { KEPT_EVENTS } from '../../dist/events/event-tail.js';
import { EventLine } from '../../dist/gateway/event-line.js';
import { CAMERAS, SCENE } from './setting.mjs';

/** @typedef {import('../../dist/core/ports/event-log.js').EventLog} EventLog */
/** @typedef {import('../../dist/config/config.js').CameraConfig} CameraConfig */

const MAX_FRAMES = 64;
const MAX_AGE_MS = 60_000;
/** Never: the soak waits between its samples. */
const FPS = 1 / 3_600;
const FILLING = 8;

/** With alerts that are as short as can be; what else a camera is does not matter here. */
const cameras = CAMERAS.map((id) => {
  const threshold = /** @type {const} */ ('auto');
  const policy = { hysteresis: 0.85, minDurationMs: 0, cooldownMs: 0, updateIntervalMs: 1_000 };
  const camera = {
    id,
    fps: FPS,
    smoothing: 1,
    ignore: [],
    alert: { threshold, budget: 2, ...policy },
  };
  return /** @type {CameraConfig} */ (/** @type {unknown} */ (camera));
});

/** @param {EventLog} log */
const fill = async (log) => {
  const start = systemClock.nowMs();
  const events = Array.from({ length: KEPT_EVENTS }, (_, index) => ({
    kind: /** @type {const} */ ('scene'),
    id: `before-${index}`,
    cameraId: CAMERAS[index % CAMERAS.length] ?? /** @type {never} */ (undefined),
    atMs: start + index,
    sceneId: SCENE,
    change: /** @type {const} */ ('swapped'),
    modelVersion: `version ${index}`,
    reason: 'as large as an anomaly, by and large: '.repeat(FILLING),
  }));
  await log.append({ events, states: new Map(), done: [], runCount: 0 });
};

/**
 * @param {EventLog} log open
 * @param {import('../../dist/core/ports/meter.js').Meter} meter
 */
export const startTelling = async (log, meter) => {
  await fill(log);
  let told = log.latest;
  const line = new EventLine({
    queue: { maxFramesPerCamera: MAX_FRAMES, maxFrameAgeMs: MAX_AGE_MS },
    cameras,
    log,
    consumers: [
      {
        name: 'nobody',
        isDurable: true,
        consume: (entries) => {
          told = entries.at(-1)?.cursor ?? told;
        },
      },
    ],
    isUnderWay: () => true,
    onFrame: () => undefined,
    onStateRefused: () => undefined,
    onReplaced: () => undefined,
    clock: systemClock,
    logger: silentLogger,
    meter,
  });
  line.begin(0);
  return {
    line,
    /** Everybody was told everything that is in the log. */
    isIdle: () => told === log.latest,
  };
};
