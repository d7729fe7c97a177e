// The ROC curve as points to draw.

export interface RocPoint {
  readonly fpr: number;
  readonly tpr: number;
}

/**
 * From the highest threshold down, both ends included; null when only one of the two classes occurs.
 *
 * @param labels non-zero = anomalous, one per score
 * @param pointCount at most, two or more: those between are left out evenly along the curve
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
  const points: RocPoint[] = [{ fpr: 0, tpr: 0 }];
  let found = 0;
  let wrong = 0;
  order.forEach((index, place) => {
    if (labels[index] === 0) wrong += 1;
    else found += 1;
    // Equal scores are one threshold.
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[index]) return;
    points.push({ fpr: wrong / negatives, tpr: found / positives });
  });
  return thinned(points, pointCount);
};

/** Evenly by length along the curve (city-block), the ends kept. */
export const thinned = (points: readonly RocPoint[], pointCount: number): readonly RocPoint[] => {
  if (points.length <= pointCount) return points;
  const step = 2 / (pointCount - 1);
  const kept: RocPoint[] = [];
  let due = 0;
  points.forEach((point, index) => {
    if (point.fpr + point.tpr < due && index < points.length - 1) return;
    kept.push(point);
    due = Math.floor((point.fpr + point.tpr) / step + 1) * step;
  });
  return kept;
};
