// Events as metrics.
import { isAlert, type LoggedEvent } from '../core/event.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { Meter } from '../core/ports/meter.ts';
import { OpenAlerts } from './open-alerts.ts';

export class EventCounts implements EventConsumer {
  readonly name = 'metrics';
  readonly isDurable = false;
  readonly #meter: Meter;
  readonly #open = new OpenAlerts();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  consume(entries: readonly LoggedEvent[]): void {
    for (const { event } of entries) {
      const labels = { camera: event.cameraId };
      if (event.kind === 'view')
        this.#meter.set('patchwatch_view_held', labels, event.phase === 'open' ? 1 : 0);
      if (!isAlert(event)) continue;
      if (event.phase === 'open') this.#meter.add('patchwatch_alerts_total', labels);
      this.#meter.set('patchwatch_alert_open', labels, this.#open.see(event) ? 1 : 0);
    }
  }
}
