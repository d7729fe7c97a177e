// The tail of the largest values of blocks of footage: a Gumbel distribution, told by quartiles alone, so that a quarter of
// loud blocks changes nothing.

/** Between the quartiles of Gumbel's distribution, and from its mode to its median, in scales. */
const QUARTILE_SPAN = 1.5725;
const MEDIAN_OFFSET = 0.3665;

/** What blocks are like as a rule, for those that are too few to tell. */
export interface UsualBlocks {
  /** Counts as so many blocks. */
  readonly blocks: number;
  readonly scale: number;
  readonly leastScale: number;
}

export interface GumbelTail {
  readonly mode: number;
  readonly scale: number;
}

/** @param maxima one a block, at least one */
export const gumbelTail = (maxima: ArrayLike<number>, usual: UsualBlocks): GumbelTail => {
  const sorted = Float64Array.from(maxima).sort();
  const count = sorted.length;
  const span = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / QUARTILE_SPAN;
  const scale = Math.max(
    usual.leastScale,
    (count * span + usual.blocks * usual.scale) / (count + usual.blocks),
  );
  return { scale, mode: quantile(sorted, 0.5) - MEDIAN_OFFSET * scale };
};

/** With interpolation between neighbours. */
export const quantile = (sorted: Float64Array, share: number): number => {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(sorted.length - 1, below + 1)] ?? NaN;
  return low + (place - below) * (high - low);
};
