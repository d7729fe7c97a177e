// The ROC curve as points to draw.

export interface RocPoint {
  readonly fpr: number;
  readonly tpr: number;
}

/**
 * From the highest threshold down, both ends included; null when only one of the two classes occurs.
 *
 * @param labels non-zero = anomalous, one per score
 * @param pointCount at most, four or more: those between are left out evenly along the curve
 */
export const rocCurve = (
  scores: Float64Array,
  labels: Uint8Array,
  pointCount: number,
): readonly RocPoint[] | null => {
  const order = Uint32Array.from(scores, (_, index) => index).sort(
    (a, b) => scores[b]! - scores[a]!,
  );
  const positives = labels.reduce((sum, label) => sum + (label === 0 ? 0 : 1), 0);
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const curve = new ThinnedCurve(pointCount);
  let found = 0;
  let wrong = 0;
  order.forEach((index, place) => {
    if (labels[index] === 0) wrong += 1;
    else found += 1;
    // Equal scores are one threshold.
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[index]) return;
    curve.add(wrong / negatives, found / positives);
  });
  return curve.points();
};

/** A curve given point by point from (0, 0) on, kept evenly by length along it (city-block), with both ends. */
export class ThinnedCurve {
  readonly #step: number;
  readonly #kept: RocPoint[] = [{ fpr: 0, tpr: 0 }];
  #due = 0;
  #last: RocPoint | undefined;

  constructor(pointCount: number) {
    this.#step = 2 / (pointCount - 2);
    this.#due = this.#step;
  }

  add(fpr: number, tpr: number): void {
    const point = { fpr, tpr };
    this.#last = point;
    if (fpr + tpr < this.#due) return;
    this.#kept.push(point);
    this.#due = Math.floor((fpr + tpr) / this.#step + 1) * this.#step;
  }

  points(): readonly RocPoint[] {
    const last = this.#last;
    return last === undefined || last === this.#kept.at(-1) ? this.#kept : [...this.#kept, last];
  }
}
