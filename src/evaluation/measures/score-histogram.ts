// Counts scores in bins so narrow that curves over them are exact to five digits or better, whatever the
// unit: a bin is the leading 25 bits of the float32, which order like the numbers once the sign is dealt
// with. Bins come in pages of one power of two each, made when the first score falls there, so that memory
// is constant: about 1 MiB for each power of two that the scores span.
import { PatchwatchError } from '../../core/errors.ts';

const SIGN = 0x80000000;
const EXPONENT = 0x7f800000;
/** Sign and exponent choose the page, 16 of 23 mantissa bits the bin in it. */
const PAGE_SHIFT = 23;
const BIN_SHIFT = 7;
const PAGE_BINS = 1 << (PAGE_SHIFT - BIN_SHIFT);
const BIN_MASK = PAGE_BINS - 1;
const OPEN_MASK = (1 << BIN_SHIFT) - 1;
const SEVERAL = 255;
const PAGE_COUNT = 1 << (32 - PAGE_SHIFT);

interface Page {
  /** Counts up to 2^32 − 1: that many pixels of one score are 65,000 frames of nothing else. */
  readonly negatives: Uint32Array;
  readonly positives: Uint32Array;
  readonly weights: Float64Array;
  /** Which score the bin holds, by the bits that the bin leaves open, from 1; 0 = none yet, SEVERAL. */
  readonly score: Uint8Array;
}

export interface Bin {
  readonly negatives: number;
  readonly positives: number;
  /** Sum of the weights given to the positives. */
  readonly weight: number;
  /** All scores in it are equal: then nothing was lost by binning them. */
  readonly isOneScore: boolean;
}

/** Orders like the number when read as unsigned; −0 and 0 are the same score. */
const keyOf = (bits: number): number => {
  if ((bits & EXPONENT) === EXPONENT) {
    throw new PatchwatchError(
      'NUMBERS_NOT_FINITE',
      'anomaly maps to be measured hold NaN or infinity: the model or the backbone is damaged, fit again',
    );
  }
  if (bits === SIGN) return SIGN;
  return (bits & SIGN) === 0 ? (bits | SIGN) >>> 0 : ~bits >>> 0;
};

const noteScore = (page: Page, bin: number, key: number): void => {
  const score = (key & OPEN_MASK) + 1;
  const seen = page.score[bin]!;
  if (seen !== score) page.score[bin] = seen === 0 ? score : SEVERAL;
};

export class ScoreHistogram {
  readonly #pages: (Page | undefined)[] = new Array<Page | undefined>(PAGE_COUNT).fill(undefined);
  #negativeCount = 0;
  #positiveCount = 0;

  get negativeCount(): number {
    return this.#negativeCount;
  }

  get positiveCount(): number {
    return this.#positiveCount;
  }

  /** Scores that are all normal. */
  addNegatives(scores: Float32Array): void {
    const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
    for (let index = 0; index < bits.length; index++) {
      const key = keyOf(bits[index]!);
      const page = this.#page(key);
      const bin = (key >>> BIN_SHIFT) & BIN_MASK;
      noteScore(page, bin, key);
      page.negatives[bin]! += 1;
    }
    this.#negativeCount += bits.length;
  }

  /**
   * @param classes one per score: 0 = normal, else which of the `weights` (from 1) an anomalous one gets
   */
  add(scores: Float32Array, classes: Int32Array, weights: readonly number[]): void {
    const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
    for (let index = 0; index < bits.length; index++) {
      const key = keyOf(bits[index]!);
      const page = this.#page(key);
      const bin = (key >>> BIN_SHIFT) & BIN_MASK;
      noteScore(page, bin, key);
      const label = classes[index]!;
      if (label === 0) {
        page.negatives[bin]! += 1;
        this.#negativeCount += 1;
      } else {
        page.positives[bin]! += 1;
        page.weights[bin]! += weights[label - 1]!;
        this.#positiveCount += 1;
      }
    }
  }

  /** Bins that hold anything, from the highest score down. */
  forEachBin(visit: (bin: Bin) => void): void {
    for (const page of this.#pages.toReversed()) {
      if (page === undefined) continue;
      for (let bin = PAGE_BINS - 1; bin >= 0; bin--) {
        const negatives = page.negatives[bin]!;
        const positives = page.positives[bin]!;
        if (negatives + positives === 0) continue;
        const isOneScore = page.score[bin] !== SEVERAL;
        visit({ negatives, positives, weight: page.weights[bin]!, isOneScore });
      }
    }
  }

  #page(key: number): Page {
    const index = key >>> PAGE_SHIFT;
    return (this.#pages[index] ??= {
      negatives: new Uint32Array(PAGE_BINS),
      positives: new Uint32Array(PAGE_BINS),
      weights: new Float64Array(PAGE_BINS),
      score: new Uint8Array(PAGE_BINS),
    });
  }
}
