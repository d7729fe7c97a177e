// Which of a camera's scenes a frame belongs to: by time of day, and by whether the picture has colour.
import type { SceneId } from '../core/ids.ts';
import { ignoreMask, type Polygon } from '../core/ignore-mask.ts';
import { ColourVariety, PLACES_SIDE } from './colour-variety.ts';

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

/** Variety of hues above which a picture has colour, and below which it has none; between, it stays as it was. */
const COLOR_ABOVE = 1.25;
const INFRARED_BELOW = 0.8;
/** Frames in a row that must agree before the light is taken to have changed: headlights don't make a day. */
const FRAMES_TO_CHANGE = 5;

const contains = (window: TimeWindow, minute: number): boolean =>
  window.fromMinute <= window.toMinute
    ? minute >= window.fromMinute && minute < window.toMinute
    : minute >= window.fromMinute || minute < window.toMinute;

export class SceneRouter {
  readonly #rules: readonly SceneRule[];
  readonly #needsLight: boolean;
  readonly #variety: ColourVariety;
  #light: Light | undefined;
  #disagreeing = 0;

  /** @param ignore areas whose colour does not count */
  constructor(rules: readonly SceneRule[], ignore: readonly Polygon[] = []) {
    this.#rules = rules;
    this.#variety = new ColourVariety(ignoreMask(ignore, PLACES_SIDE));
    this.#needsLight = rules.some((rule) => rule.light !== undefined);
  }

  /** The first rule that matches; undefined when none does, and the frame is not watched. */
  sceneOf(pixels: Uint8Array, nowMs: number): SceneId | undefined {
    if (this.#needsLight) this.#see(this.#variety.of(pixels));
    const now = new Date(nowMs);
    const minute = now.getHours() * 60 + now.getMinutes();
    return this.#rules.find(
      (rule) =>
        (rule.light === undefined || rule.light === this.#light) &&
        (rule.between === undefined || rule.between.some((window) => contains(window, minute))),
    )?.sceneId;
  }

  /** A picture that tells nothing changes nothing; and is taken for night where nothing is known yet. */
  #see(variety: number | undefined): void {
    if (this.#light === undefined) {
      this.#light = (variety ?? 0) >= 1 ? 'color' : 'infrared';
      return;
    }
    if (variety === undefined) return;
    const disagrees = this.#light === 'color' ? variety < INFRARED_BELOW : variety > COLOR_ABOVE;
    this.#disagreeing = disagrees ? this.#disagreeing + 1 : 0;
    if (this.#disagreeing < FRAMES_TO_CHANGE) return;
    this.#light = this.#light === 'color' ? 'infrared' : 'color';
    this.#disagreeing = 0;
  }
}
