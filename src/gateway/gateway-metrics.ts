// What the daemon as a whole reports to Prometheus, beside what each part reports of itself.
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { CameraStatus } from '../core/ports/live-state.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';
import { EventLoopMonitor } from '../telemetry/event-loop-monitor.ts';
import type { PromMeter } from '../telemetry/prom-meter.ts';

export interface GatewayMetricsOptions {
  readonly meter: PromMeter;
  readonly queue: Pick<FrameQueue, 'depth'>;
  readonly workerCount: () => number;
  readonly clock: Clock;
}

export class GatewayMetrics {
  readonly #options: GatewayMetricsOptions;
  readonly #loopMonitor = new EventLoopMonitor();

  constructor(options: GatewayMetricsOptions) {
    this.#options = options;
  }

  start(): void {
    const { meter, queue, workerCount } = this.#options;
    this.#loopMonitor.start();
    meter.collectProcessMetrics();
    meter.beforeScrape(async () => {
      const { frames, oldestAgeMs } = await queue.depth();
      meter.set('patchwatch_queue_frames', {}, frames);
      meter.set('patchwatch_queue_oldest_age_seconds', {}, oldestAgeMs / 1_000);
      meter.set('patchwatch_workers', {}, workerCount());
      const delaySeconds = this.#loopMonitor.takeMaxSeconds();
      meter.set('patchwatch_event_loop_delay_max_seconds', {}, delaySeconds);
    });
  }

  stop(): void {
    this.#loopMonitor.stop();
  }

  scored({ cameraId: camera, stamp, score, threshold }: ScoredFrame): void {
    const { meter, clock } = this.#options;
    meter.set('patchwatch_score', { camera }, score);
    meter.set('patchwatch_score_threshold', { camera }, threshold);
    const latencyMs = clock.nowMs() - stamp.capturedAtMs;
    meter.observe('patchwatch_latency_seconds', { camera }, latencyMs / 1_000);
  }

  judged({ cameraId: camera, state }: CameraStatus): void {
    const { meter } = this.#options;
    meter.set('patchwatch_camera_failed', { camera }, state === 'failed' ? 1 : 0);
  }

  /** A camera that is down has no score: neither the last one, nor 0. */
  forgetScore(camera: CameraId): void {
    const { meter } = this.#options;
    meter.forget('patchwatch_score', { camera });
    meter.forget('patchwatch_score_threshold', { camera });
  }
}
