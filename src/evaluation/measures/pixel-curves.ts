// Pixel AUROC and PRO over any number of frames, in one pass and constant memory. What binning can have
// cost is computed, not guessed.
import { ConnectedComponents } from './connected-components.ts';
import { CurveArea } from './curve-area.ts';
import { ThinnedCurve, type RocPoint } from './roc-curve.ts';
import { ScoreHistogram } from './score-histogram.ts';

/** PRO is integrated up to this false-positive rate (PaDiM, section 4.2). */
const PRO_MAX_FPR = 0.3;

export interface PixelScores {
  readonly auroc: number;
  /** How far the exact value can be from it; the same for `pro`. 0 = exact. */
  readonly aurocError: number;
  /**
   * Per-region overlap: at each threshold the mean, over all regions of all masks, of the share of the
   * region that is found; averaged over false-positive rates from 0 to 0.3.
   */
  readonly pro: number;
  readonly proError: number;
}

export class PixelCurves {
  readonly #histogram = new ScoreHistogram();
  #components: ConnectedComponents | undefined;
  #side = 0;
  #regionCount = 0;

  /**
   * @param map (row, column) scores, side × side
   * @param mask the same, non-zero where the frame is anomalous; undefined = nowhere
   * @throws PatchwatchError NUMBERS_NOT_FINITE
   */
  add(map: Float32Array, mask: Uint8Array | undefined, side: number): void {
    if (map.length !== side * side || (mask !== undefined && mask.length !== map.length)) {
      throw new RangeError(`expected ${side} × ${side} scores and as many mask pixels`);
    }
    if (mask === undefined) {
      this.#histogram.addNegatives(map);
      return;
    }
    const components = this.#componentsOf(side);
    // Each region weighs 1, shared among its pixels: the weight over a threshold is then its overlap.
    const shares = components.label(mask).map((size) => 1 / size);
    this.#regionCount += shares.length;
    this.#histogram.add(map, components.regions, shares);
  }

  /** Null when only normal or only anomalous pixels were seen. */
  finish(): PixelScores | null {
    const { negativeCount, positiveCount } = this.#histogram;
    if (negativeCount === 0 || positiveCount === 0) return null;
    const roc = new CurveArea(1);
    const pro = new CurveArea(PRO_MAX_FPR);
    this.#histogram.forEachBin(({ negatives, positives, weight, isOneScore }) => {
      const fprStep = negatives / negativeCount;
      roc.advance(fprStep, positives / positiveCount, isOneScore);
      pro.advance(fprStep, weight / this.#regionCount, isOneScore);
    });
    return {
      auroc: roc.mean,
      aurocError: roc.maxError,
      pro: pro.mean,
      proError: pro.maxError,
    };
  }

  /** ROC curve over all pixels, thinned; null as `finish`. */
  rocCurve(pointCount: number): readonly RocPoint[] | null {
    const { negativeCount, positiveCount } = this.#histogram;
    if (negativeCount === 0 || positiveCount === 0) return null;
    const curve = new ThinnedCurve(pointCount);
    let wrong = 0;
    let found = 0;
    this.#histogram.forEachBin(({ negatives, positives }) => {
      wrong += negatives;
      found += positives;
      curve.add(wrong / negativeCount, found / positiveCount);
    });
    return curve.points();
  }

  #componentsOf(side: number): ConnectedComponents {
    if (this.#components === undefined || this.#side !== side) {
      this.#components = new ConnectedComponents({ width: side, height: side });
      this.#side = side;
    }
    return this.#components;
  }
}
