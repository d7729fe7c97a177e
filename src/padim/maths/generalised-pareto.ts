// The generalised Pareto distribution: what the excesses over a high level are like, whatever the distribution they
// come from (Pickands 1975).

export interface GeneralisedPareto {
  /** ξ: below 0 the tail ends, at 0 it is exponential, above 0 it is heavy. */
  readonly shape: number;
  /** σ, in units of the excesses. */
  readonly scale: number;
}

/** Of the loudest excesses only their number counts, not how loud they are: what made them may never come again. */
const LOUD_SHARE = 0.25;
/** With fewer excesses each counts in full. */
const FEWEST_FOR_LOUD = 4;
const HEAVIEST = 0.5;
/** An excess that as many as there are would reach once in twenty times does not belong to them. */
const STRANGE = 0.05;

export interface RobustTail {
  readonly pareto: GeneralisedPareto;
  /** Excesses that the tail is made of. */
  readonly count: number;
  /** Excesses that lie so far out that they are of another kind. */
  readonly strangeCount: number;
}

/**
 * An exponential tail whose scale is found from the excesses below the loudest quarter (maximum likelihood under type
 * II censoring). That so few excesses leave the scale open makes the tail of the next one heavier: averaged over what
 * the scale may be (prior 1/σ) it is a generalised Pareto distribution with ξ = 1/n. What lies far beyond it is set
 * aside, and the rest taken again.
 *
 * @param excesses above 0, any order, at least one
 */
export const fitTail = (excesses: Float64Array): RobustTail => {
  const sorted = excesses.toSorted();
  const first = censoredFit(sorted);
  const furthest = excessAt(first, STRANGE / sorted.length);
  const kept = sorted.filter((excess) => excess <= furthest);
  const isWhole = kept.length === sorted.length || sorted.length < FEWEST_FOR_LOUD;
  return {
    pareto: isWhole ? first : censoredFit(kept),
    count: isWhole ? sorted.length : kept.length,
    strangeCount: isWhole ? 0 : sorted.length - kept.length,
  };
};

const censoredFit = (sorted: Float64Array): GeneralisedPareto => {
  const loud = sorted.length < FEWEST_FOR_LOUD ? 0 : Math.ceil(sorted.length * LOUD_SHARE);
  const known = sorted.length - loud;
  const sum = sorted.subarray(0, known).reduce((total, excess) => total + excess, 0);
  const scale = (sum + loud * (sorted[known - 1] ?? 0)) / known;
  return { shape: Math.min(HEAVIEST, 1 / known), scale };
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
