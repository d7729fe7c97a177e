// The generalised Pareto distribution: what the excesses over a high level are like, whatever the distribution they
// come from (Pickands 1975).

export interface GeneralisedPareto {
  /** ξ: below 0 the tail ends, at 0 it is exponential, above 0 it is heavy. */
  readonly shape: number;
  /** σ, in units of the excesses. */
  readonly scale: number;
}

/** What is believed of ξ before any excess is seen, and how many excesses that belief is worth. */
const PRIOR_SHAPE = 0;
const PRIOR_WEIGHT = 20;
const SHAPE_LIMITS = { least: -0.5, most: 0.5 };

/**
 * By probability-weighted moments (Hosking & Wallis 1987), which a handful of excesses suffices for; the shape is
 * drawn towards an exponential tail while there are few.
 *
 * @param excesses above 0, any order, at least one
 */
export const fitGeneralisedPareto = (excesses: Float64Array): GeneralisedPareto => {
  const sorted = excesses.toSorted();
  const n = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const weighted =
    sorted.reduce((sum, value, index) => sum + value * (1 - (index + 0.65) / n), 0) / n;
  const found = 2 - mean / (mean - 2 * weighted);
  const usable = Number.isFinite(found) ? found : PRIOR_SHAPE;
  const drawn = (n * usable + PRIOR_WEIGHT * PRIOR_SHAPE) / (n + PRIOR_WEIGHT);
  const shape = Math.min(SHAPE_LIMITS.most, Math.max(SHAPE_LIMITS.least, drawn));
  // The mean of the distribution is σ / (1 − ξ).
  return { shape, scale: mean * (1 - shape) };
};

/** Share of excesses above `excess`. */
export const survival = ({ shape, scale }: GeneralisedPareto, excess: number): number => {
  const x = Math.max(0, excess) / scale;
  if (Math.abs(shape) < 1e-9) return Math.exp(-x);
  const base = 1 + shape * x;
  return base <= 0 ? 0 : base ** (-1 / shape);
};

/** The excess that this share of excesses lies above. */
export const excessAt = ({ shape, scale }: GeneralisedPareto, share: number): number =>
  Math.abs(shape) < 1e-9 ? -scale * Math.log(share) : (scale / shape) * (share ** -shape - 1);
