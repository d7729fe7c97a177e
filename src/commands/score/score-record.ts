// What `score` keeps of a recording: a row for each frame, the alerts, and the overlay video as it goes along.
import type { VideoWriter } from '../../capture/video-writer.ts';
import type { Alert, AlertKind, Cue } from '../../core/alert.ts';
import { FRAME_BYTES } from '../../core/frame.ts';
import type { Region } from '../../core/place.ts';
import { cellCentre, peakOf } from '../../reading/map-peak.ts';
import type { ScoredFrame } from '../../reading/score-reader.ts';
import { drawOverlay } from '../../images/heat-overlay.ts';

export interface RecordedAlert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly cue: Cue;
  readonly firstFrame: number;
  /** Stream time. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly peakScore: number;
  readonly threshold: number;
  /** Fractions of the picture. */
  readonly region: Region;
}

const HEADER = 'frame,media_time_s,score,threshold,alert_id,peak_x,peak_y';

export class ScoreRecord {
  readonly #overlay: VideoWriter | undefined;
  readonly #rows: string[] = [HEADER];
  readonly #alerts: RecordedAlert[] = [];
  readonly #picture = new Uint8Array(FRAME_BYTES);
  #map = new Float32Array(0);
  #last: Omit<ScoredFrame, 'map'> | undefined;
  readonly #open = new Set<string>();

  constructor(overlay: VideoWriter | undefined) {
    this.#overlay = overlay;
  }

  get frameCount(): number {
    return this.#rows.length - 1;
  }

  get alerts(): readonly RecordedAlert[] {
    return this.#alerts;
  }

  addFrame({ map, ...frame }: ScoredFrame): void {
    if (this.#map.length !== map.length) this.#map = new Float32Array(map.length);
    this.#map.set(map);
    this.#last = frame;
    const { cell } = peakOf(map, undefined);
    const peak = cellCentre(cell, frame.side);
    const { sequence, mediaTimeMs } = frame.stamp;
    const numbers = [frame.score.toFixed(4), frame.threshold.toFixed(4)];
    // The alert is known after the frame: drawFrame fills it in.
    this.#rows.push(
      `${sequence},${(mediaTimeMs / 1_000).toFixed(3)},${numbers.join(',')},,${peak.x.toFixed(4)},${peak.y.toFixed(4)}`,
    );
  }

  addAlert(alert: Alert): void {
    const previous = this.#alerts.findIndex(({ id }) => id === alert.id);
    const recorded: RecordedAlert = {
      id: alert.id,
      kind: alert.kind,
      cue: alert.cue,
      firstFrame: this.#alerts[previous]?.firstFrame ?? alert.sequence,
      startSeconds: alert.startedAtMs / 1_000,
      endSeconds: alert.mediaTimeMs / 1_000,
      peakScore: alert.peakScore,
      threshold: alert.threshold,
      region: alert.region,
    };
    if (previous === -1) this.#alerts.push(recorded);
    else this.#alerts[previous] = recorded;
    if (alert.phase === 'close') this.#open.delete(alert.id);
    else this.#open.add(alert.id);
  }

  /** The picture of the frame added last. */
  async drawFrame(pixels: Uint8Array, isAlertOpen: boolean): Promise<void> {
    const row = this.#rows.at(-1);
    if (row !== undefined && isAlertOpen) {
      this.#rows[this.#rows.length - 1] = row.replace(',,', `,${[...this.#open].join(' ')},`);
    }
    if (this.#overlay === undefined || this.#last === undefined) return;
    drawOverlay({ ...this.#last, pixels, map: this.#map, isAlertOpen }, this.#picture);
    await this.#overlay.write(this.#picture);
  }

  csv(): string {
    return `${this.#rows.join('\n')}\n`;
  }
}
