// Area under the ROC curve, exact, ties counted half (Mann–Whitney).

/**
 * @param scores higher means more anomalous
 * @param labels 1 = anomalous, 0 = normal, one per score
 * @returns undefined when only one of the two occurs
 */
export const rocAuc = (
  scores: Float32Array | Float64Array,
  labels: Uint8Array,
): number | undefined => {
  const order = Uint32Array.from(scores, (_, index) => index).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const meanRank = (start + 1 + end) / 2;
    for (let index = start; index < end; index++) {
      if (labels[order[index]!] === 0) continue;
      positives += 1;
      rankSum += meanRank;
    }
    start = end;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
};
