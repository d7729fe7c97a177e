// Footage is cut into stretches of consecutive frames, which alternate between two halves. Each half is scored by
// the model of the other, so that every frame can help to set the threshold and none is scored by what it
// taught. Whole stretches, because neighbouring frames are nearly equal; alternating, because footage changes.
import { seededRandom } from '../padim/maths/random.ts';

export const STRETCH_FRAMES = 50;

export type Half = 0 | 1;

export const halfOf = (stretch: number): Half => (stretch % 2 === 0 ? 0 : 1);

/**
 * Chooses which stretches are kept for the threshold, at most `slotCount`, each with the same chance however long
 * the footage becomes (reservoir sampling, Vitter 1985, algorithm R). Ask once per stretch, in order.
 */
export class StretchReservoir {
  readonly #slotCount: number;
  readonly #random: () => number;

  constructor(slotCount: number, seed: number) {
    this.#slotCount = slotCount;
    this.#random = seededRandom(seed);
  }

  /** The slot to write the stretch to, replacing what it held; undefined when the stretch is not kept. */
  slotFor(stretch: number): number | undefined {
    if (stretch < this.#slotCount) return stretch;
    const slot = Math.floor(this.#random() * (stretch + 1));
    return slot < this.#slotCount ? slot : undefined;
  }
}
