// Random dimensionality reduction: which channels of the concatenated stages are kept (PaDiM, section 3.3).
import { seededRandom } from './maths/random.ts';

/**
 * `count` of `total` channels without replacement, ascending; the same for the same seed, always: the sequence
 * of random.ts drives a Fisher–Yates shuffle from the front.
 */
export const selectChannels = (total: number, count: number, seed: number): Int32Array => {
  if (count > total) throw new RangeError(`${count} channels of ${total} can't be selected`);
  const random = seededRandom(seed);
  const order = Int32Array.from({ length: total }, (_, index) => index);
  for (let index = 0; index < count; index++) {
    const other = index + Math.floor(random() * (total - index));
    const kept = order[other]!;
    order[other] = order[index]!;
    order[index] = kept;
  }
  return order.slice(0, count).sort();
};

/** Splits ascending channels of the concatenation into channels within each stage. */
export const splitByStage = (
  selected: Int32Array,
  stageChannels: readonly number[],
): readonly Int32Array[] => {
  let first = 0;
  return stageChannels.map((channelCount) => {
    const start = first;
    first += channelCount;
    return selected
      .filter((channel) => channel >= start && channel < start + channelCount)
      .map((channel) => channel - start);
  });
};
