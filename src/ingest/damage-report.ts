// Tells people that a camera's pictures are damaged: at once, and then no more than once a minute, with how many.
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';

const REPORT_INTERVAL_MS = 60_000;

export interface DamageReportOptions {
  readonly camera: CameraId;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class DamageReport {
  readonly #options: DamageReportOptions;
  #untoldCount = 0;
  #toldAtMs = -Infinity;

  constructor(options: DamageReportOptions) {
    this.#options = options;
  }

  add(): void {
    const { camera, clock, logger } = this.#options;
    this.#untoldCount += 1;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#toldAtMs < REPORT_INTERVAL_MS) return;
    logger.warn('damaged pictures are left out until the next key frame', {
      camera,
      frames: this.#untoldCount,
      remedy: 'use transport tcp, check the network, or let the camera send key frames more often',
    });
    this.#toldAtMs = nowMs;
    this.#untoldCount = 0;
  }
}
