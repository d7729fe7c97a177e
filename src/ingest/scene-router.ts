// Which of a camera's scenes a frame belongs to: by time of day, and by whether the picture has colour.
import type { SceneId } from '../core/ids.ts';
import { colourSaturation } from './colour-saturation.ts';

export type Light = 'color' | 'infrared';

export interface TimeWindow {
  /** Minutes since local midnight; a window that ends before it starts wraps around midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface SceneRule {
  readonly sceneId: SceneId;
  /** Any of these; always when undefined. */
  readonly between?: readonly TimeWindow[] | undefined;
  readonly light?: Light | undefined;
}

/** Mean saturation above which a picture has colour, and below which it has none; between, it stays as it was. */
const COLOR_ABOVE = 8;
const INFRARED_BELOW = 4;
/** Frames in a row that must agree before the light is taken to have changed: headlights don't make a day. */
const FRAMES_TO_CHANGE = 5;

const contains = (window: TimeWindow, minute: number): boolean =>
  window.fromMinute <= window.toMinute
    ? minute >= window.fromMinute && minute < window.toMinute
    : minute >= window.fromMinute || minute < window.toMinute;

export class SceneRouter {
  readonly #rules: readonly SceneRule[];
  readonly #needsLight: boolean;
  #light: Light | undefined;
  #disagreeing = 0;

  constructor(rules: readonly SceneRule[]) {
    this.#rules = rules;
    this.#needsLight = rules.some((rule) => rule.light !== undefined);
  }

  /** The first rule that matches; undefined when none does, and the frame is not watched. */
  sceneOf(pixels: Uint8Array, nowMs: number): SceneId | undefined {
    if (this.#needsLight) this.#see(colourSaturation(pixels));
    const now = new Date(nowMs);
    const minute = now.getHours() * 60 + now.getMinutes();
    return this.#rules.find(
      (rule) =>
        (rule.light === undefined || rule.light === this.#light) &&
        (rule.between === undefined || rule.between.some((window) => contains(window, minute))),
    )?.sceneId;
  }

  #see(saturation: number): void {
    if (this.#light === undefined) {
      this.#light = saturation >= (COLOR_ABOVE + INFRARED_BELOW) / 2 ? 'color' : 'infrared';
      return;
    }
    const disagrees =
      this.#light === 'color' ? saturation < INFRARED_BELOW : saturation > COLOR_ABOVE;
    this.#disagreeing = disagrees ? this.#disagreeing + 1 : 0;
    if (this.#disagreeing < FRAMES_TO_CHANGE) return;
    this.#light = this.#light === 'color' ? 'infrared' : 'color';
    this.#disagreeing = 0;
  }
}
