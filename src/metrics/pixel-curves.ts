// Pixel AUROC and PRO over any number of frames in constant memory: scores are counted in bins of their
// float32 bit pattern, which orders like the number. What binning can have cost is computed, not guessed.
import { connectedComponents } from './connected-components.ts';

/** Leading bits of a float32 that make its bin: sign, exponent, 12 of 23 mantissa bits. */
const KEY_BITS = 21;
const KEY_SHIFT = 32 - KEY_BITS;
/** PRO is integrated up to this false-positive rate (PaDiM, section 4.2). */
const PRO_MAX_FPR = 0.3;

export interface PixelScores {
  readonly auroc: number;
  /** How far the exact AUROC can be from it: half the pairs that share a bin. */
  readonly aurocError: number;
  /** Per-region overlap, false-positive rate 0..0.3, divided by 0.3. */
  readonly pro: number;
}

export class PixelCurves {
  readonly #negatives = new Float64Array(1 << KEY_BITS);
  readonly #positives = new Float64Array(1 << KEY_BITS);
  /** Each region weighs 1, shared among its pixels. */
  readonly #overlaps = new Float64Array(1 << KEY_BITS);
  #regionCount = 0;

  /** `map` and `mask`: (row, column), side × side; a mask is non-zero where the frame is anomalous. */
  add(map: Float32Array, mask: Uint8Array, side: number): void {
    const bits = new Uint32Array(map.buffer, map.byteOffset, map.length);
    for (let pixel = 0; pixel < bits.length; pixel++) {
      const counts = mask[pixel] === 0 ? this.#negatives : this.#positives;
      counts[keyOf(bits[pixel]!)]! += 1;
    }
    for (const region of connectedComponents(mask, side, side)) {
      this.#regionCount += 1;
      for (const pixel of region) this.#overlaps[keyOf(bits[pixel]!)]! += 1 / region.length;
    }
  }

  /** Undefined when only normal or only anomalous pixels were seen. */
  finish(): PixelScores | undefined {
    const positives = sumOf(this.#positives);
    const negatives = sumOf(this.#negatives);
    if (positives === 0 || negatives === 0) return undefined;
    const pairs = positives * negatives;
    let above = 0;
    let won = 0;
    let tied = 0;
    for (let key = this.#positives.length - 1; key >= 0; key--) {
      won += above * this.#negatives[key]!;
      tied += this.#positives[key]! * this.#negatives[key]!;
      above += this.#positives[key]!;
    }
    return {
      auroc: (won + tied / 2) / pairs,
      aurocError: tied / 2 / pairs,
      pro: this.#pro(negatives),
    };
  }

  /** Trapezes between the points of the curve; the last one is cut at the greatest rate. */
  #pro(negatives: number): number {
    let rate = 0;
    let overlap = 0;
    let area = 0;
    for (let key = this.#negatives.length - 1; key >= 0 && rate < PRO_MAX_FPR; key--) {
      const rateStep = this.#negatives[key]! / negatives;
      const overlapStep = this.#overlaps[key]! / this.#regionCount;
      const share = rateStep === 0 ? 1 : Math.min(1, (PRO_MAX_FPR - rate) / rateStep);
      area += rateStep * share * (overlap + (overlapStep * share) / 2);
      rate += rateStep * share;
      overlap += overlapStep * share;
    }
    return area / PRO_MAX_FPR;
  }
}

/** Flips the bits so that unsigned order is numeric order, for negative numbers too. */
const keyOf = (bits: number): number =>
  ((bits & 0x80000000) === 0 ? (bits | 0x80000000) >>> 0 : ~bits >>> 0) >>> KEY_SHIFT;

const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
