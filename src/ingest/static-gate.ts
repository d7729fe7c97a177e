// Leaves out frames in which nothing has changed since the last one that was scored: a yard at night costs one frame a
// second instead of five (docs/design/adr/0012-static-gate.md).
//
// States:
//   moving   something changed lately: every frame passes
//   still    nothing has, for `settleMs`: only a frame every `maxPauseMs` passes, and any frame with a change
// A frame is compared with the last one that passed, not with the one before it: so that what changes slowly adds up.
import { FRAME_SIDE } from '../core/frame.ts';

const CELL = 8;
const CELLS = FRAME_SIDE / CELL;
/** Every other pixel each way, green only: a quarter of the pixels tell a cell's mean as well. */
const STEP = 2;
const SAMPLES = (CELL / STEP) ** 2;

/** Grey levels by which a cell's mean must differ, whatever the noise: less is the codec's doing. */
const LEAST_CHANGE = 2;
/** Beyond this a picture has changed, however noisy: a camera noisier than that is never still. */
const MOST_CHANGE = 4;
/** The threshold between them, in mean absolute differences of all cells: six of noise's are its 4.8 σ. */
const NOISE_FACTOR = 6;

export interface StaticGateOptions {
  /** Frames pass for so long after the last change. */
  readonly settleMs: number;
  /** No longer without a frame that passes. */
  readonly maxPauseMs: number;
}

export class StaticGate {
  readonly #options: StaticGateOptions;
  /** Sums of the samples of each cell, of the last frame that passed and of the newest. */
  #passed = new Uint16Array(CELLS * CELLS);
  #now = new Uint16Array(CELLS * CELLS);
  #lastPassedAtMs = -Infinity;
  #lastChangeAtMs = -Infinity;

  constructor(options: StaticGateOptions) {
    this.#options = options;
  }

  /** Whether to score the frame. @param pixels FRAME_BYTES, rgb24 */
  passes(pixels: Uint8Array, capturedAtMs: number): boolean {
    const { settleMs, maxPauseMs } = this.#options;
    cellSums(pixels, this.#now);
    const pauseMs = capturedAtMs - this.#lastPassedAtMs;
    // A clock that was set back must not silence the camera.
    if (pauseMs < 0 || !Number.isFinite(pauseMs) || this.#hasChanged()) {
      this.#lastChangeAtMs = capturedAtMs;
    } else if (pauseMs < maxPauseMs && capturedAtMs - this.#lastChangeAtMs >= settleMs) {
      return false;
    }
    [this.#passed, this.#now] = [this.#now, this.#passed];
    this.#lastPassedAtMs = capturedAtMs;
    return true;
  }

  /** The next frame passes: it has nothing to be compared with. */
  reset(): void {
    this.#lastPassedAtMs = -Infinity;
  }

  #hasChanged(): boolean {
    let total = 0;
    let largest = 0;
    for (let cell = 0; cell < this.#now.length; cell++) {
      const difference = Math.abs((this.#now[cell] ?? 0) - (this.#passed[cell] ?? 0));
      total += difference;
      if (difference > largest) largest = difference;
    }
    const noise = (NOISE_FACTOR * total) / this.#now.length;
    const threshold = Math.min(MOST_CHANGE * SAMPLES, Math.max(LEAST_CHANGE * SAMPLES, noise));
    return largest > threshold;
  }
}

/** (row, column) of cells. */
const cellSums = (pixels: Uint8Array, sums: Uint16Array): void => {
  sums.fill(0);
  for (let y = 0; y < FRAME_SIDE; y += STEP) {
    const cellRow = Math.floor(y / CELL) * CELLS;
    let at = y * FRAME_SIDE * 3 + 1;
    for (let cell = cellRow; cell < cellRow + CELLS; cell++) {
      let sum = 0;
      for (let x = 0; x < CELL; x += STEP) {
        sum += pixels[at] ?? 0;
        at += STEP * 3;
      }
      sums[cell] = (sums[cell] ?? 0) + sum;
    }
  }
};

export interface GateTiming {
  readonly fps: number;
  readonly maxLatencyMs: number;
  /** Weight of the newest map in the moving average over time. */
  readonly smoothing: number;
  readonly minDurationMs: number;
  readonly cooldownMs: number;
}

/** Frames more than a second apart would show change and motion that nobody learnt. */
const MOST_PAUSE_MS = 1_000;
/** What the average over time still lacks when it counts as settled. */
const UNSETTLED = 0.05;
/** A longer wait for an alert to open is bridged by the frames that pass once a second. */
const MOST_DURATION_MS = 5_000;

/**
 * Timing at which leaving frames out changes no alert: frames pass until the average over time has settled and an alert
 * is open; and while one is open, often enough that it does not close for want of frames.
 */
export const gateOptions = (timing: GateTiming): StaticGateOptions => {
  const { fps, maxLatencyMs, smoothing, minDurationMs, cooldownMs } = timing;
  const framesToSettle = smoothing >= 1 ? 1 : Math.log(UNSETTLED) / Math.log(1 - smoothing);
  return {
    settleMs: (framesToSettle / fps) * 1_000 + Math.min(minDurationMs, MOST_DURATION_MS),
    maxPauseMs: Math.min(MOST_PAUSE_MS, Math.max(0, (cooldownMs - maxLatencyMs) / 2)),
  };
};
