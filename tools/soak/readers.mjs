// The readers of all cameras, with alerts that are as short as can be.
import { ScoreReader } from '../../dist/pipeline/score-reader.js';
import { CAMERAS } from './setting.mjs';

/** @typedef {import('../../dist/core/alert.js').Alert} Alert */

const POLICY = { hysteresis: 0.85, minDurationMs: 0, cooldownMs: 0, updateIntervalMs: 1_000 };
/** Never: the soak waits between its samples. */
const GAP_MS = 3_600_000;

/** @param {(alert: Alert) => void} onAlert */
export const makeReaders = (onAlert) =>
  new Map(
    CAMERAS.map((cameraId) => [
      cameraId,
      new ScoreReader({
        cameraId,
        smoothing: 1,
        threshold: undefined,
        ignore: [],
        policy: POLICY,
        gapMs: GAP_MS,
        onFrame: () => undefined,
        onAlert,
      }),
    ]),
  );
