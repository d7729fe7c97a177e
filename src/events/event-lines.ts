// Events as log lines. Cameras are told of where they are captured, in more detail.
import type { Alert } from '../core/alert.ts';
import type { LoggedEvent } from '../core/event.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { Logger } from '../core/ports/logger.ts';

export class EventLines implements EventConsumer {
  readonly name = 'log';
  readonly isDurable = false;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  consume(entries: readonly LoggedEvent[]): void {
    for (const { event } of entries) {
      const { cameraId: camera } = event;
      switch (event.kind) {
        case 'anomaly':
        case 'change':
          this.#alert(event);
          break;
        case 'view':
          this.#logger.warn(`view ${event.phase}`, {
            camera,
            verdict: event.verdict,
            reason: event.reason,
          });
          break;
        case 'scene':
          this.#logger.info(`scene ${event.change}`, {
            camera,
            scene: event.sceneId,
            model: event.modelVersion,
            reason: event.reason,
          });
          break;
        case 'camera':
          break;
      }
    }
  }

  #alert({ phase, kind, cue, cameraId, id, score, peakScore, threshold }: Alert): void {
    if (phase === 'update') return;
    this.#logger.info(`alert ${phase}`, {
      camera: cameraId,
      alert: id,
      kind,
      cue,
      score: Number(score.toFixed(2)),
      peakScore: Number(peakScore.toFixed(2)),
      threshold: Number(threshold.toFixed(2)),
    });
  }
}
