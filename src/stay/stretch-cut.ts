// Cuts slow pictures into stretches of some ten seconds. Each stretch is judged by what the others taught, and its largest
// deviation is one draw of what normal footage does in that time.

/** Slow pictures that follow each other show mostly the same seconds: so many apart, they share none. */
export const OVERLAP = 6;
const STRETCH_PICTURES = 10;
const SHORTEST_STRETCH = 3;
/** So many stretches at least, where the footage gives them. */
const WANTED_STRETCHES = 4;
const MAX_FOLDS = 8;

export interface Stretch {
  /** Indices of pictures, from the first to before the end. */
  readonly first: number;
  readonly end: number;
}

/**
 * @param ordinals of the pictures, ascending: they follow each other where they differ by one
 * @returns stretches that cover all pictures
 */
export const cutStretches = (ordinals: readonly number[]): Stretch[] => {
  const wanted = Math.min(
    STRETCH_PICTURES,
    Math.max(SHORTEST_STRETCH, Math.floor(ordinals.length / WANTED_STRETCHES)),
  );
  const stretches: Stretch[] = [];
  for (let first = 0; first < ordinals.length;) {
    let end = first + 1;
    while (end < ordinals.length && ordinals[end]! === ordinals[end - 1]! + 1) end++;
    const parts = Math.max(1, Math.round((end - first) / wanted));
    for (let part = 0; part < parts; part++) {
      stretches.push({
        first: first + Math.round((part * (end - first)) / parts),
        end: first + Math.round(((part + 1) * (end - first)) / parts),
      });
    }
    first = end;
  }
  return stretches;
};

export interface Fold {
  readonly heldOut: readonly Stretch[];
  /** Indices of the pictures that teach: none of which shares seconds with those held out, where there are enough. */
  readonly taught: readonly number[];
}

/** Every stretch is held out once. Those of a fold lie far apart, so that its other minutes are spread as well. */
export const foldsOf = (stretches: readonly Stretch[], ordinals: readonly number[]): Fold[] => {
  const count = Math.min(MAX_FOLDS, stretches.length);
  // Short footage has no pictures to spare.
  const margin = Math.min(OVERLAP - 1, Math.floor(ordinals.length / 6));
  return Array.from({ length: count }, (_, fold) => {
    const heldOut = stretches.filter((__, index) => index % count === fold);
    const isNear = (ordinal: number): boolean =>
      heldOut.some(
        ({ first, end }) =>
          ordinal >= ordinals[first]! - margin && ordinal <= ordinals[end - 1]! + margin,
      );
    return {
      heldOut,
      taught: [...ordinals.keys()].filter((index) => !isNear(ordinals[index]!)),
    };
  }).filter(({ taught }) => taught.length >= SHORTEST_STRETCH);
};
