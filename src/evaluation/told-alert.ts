// What an operator was told over a clip: one entry an alert, with all that was said of it.
import type { Alert, AlertKind, Cue } from '../core/alert.ts';
import type { ViewEvent } from '../core/event.ts';
import type { Region } from '../core/place.ts';

export interface ToldPhase {
  /** Stream time. */
  readonly atMs: number;
  readonly region: Region;
  /** Highest score so far, in thresholds. */
  readonly peak: number;
}

export interface ToldAlert {
  readonly id: string;
  /** What kind of event it is: of the scene, or of the view of the camera. */
  readonly kind: AlertKind | 'view';
  /** What it was raised by; undefined of the view. */
  readonly cue: Cue | undefined;
  /** The verdict on the view. */
  readonly view: string | undefined;
  readonly openedMs: number;
  /** When it closed; the last that was told while it is open. */
  readonly endMs: number;
  readonly phases: readonly ToldPhase[];
}

const WHOLE: Region = { x: 0, y: 0, width: 1, height: 1 };

export class AlertLog {
  readonly #alerts = new Map<string, ToldAlert>();

  get alerts(): readonly ToldAlert[] {
    return [...this.#alerts.values()];
  }

  add({ id, kind, cue, mediaTimeMs, region, peakScore, threshold }: Alert): void {
    const phase = { atMs: mediaTimeMs, region, peak: peakScore / threshold };
    const known = this.#alerts.get(id);
    this.#alerts.set(id, {
      id,
      kind,
      cue,
      view: undefined,
      openedMs: known?.openedMs ?? mediaTimeMs,
      endMs: mediaTimeMs,
      phases: [...(known?.phases ?? []), phase],
    });
  }

  /** Of recorded footage, whose wall clock is its stream time. The whole picture is what it is of. */
  addView({ id, verdict, atMs }: ViewEvent): void {
    const known = this.#alerts.get(id);
    this.#alerts.set(id, {
      id,
      kind: 'view',
      cue: undefined,
      view: verdict,
      openedMs: known?.openedMs ?? atMs,
      endMs: atMs,
      phases: [...(known?.phases ?? []), { atMs, region: WHOLE, peak: 1 }],
    });
  }
}
