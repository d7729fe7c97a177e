// Growth per million segments, as the least-squares line through samples, and how far that may be off.

/** @typedef {{ readonly segments: number, readonly value: number }} Sample */

/** Of standard errors: a slope within so many of zero is none. */
const DOUBT = 3;

/** The steepest line through values that lie within one of each other, in such ranges of segments. */
const STEEPEST = 1.5;

/**
 * @param {readonly Sample[]} samples
 * @param {number} grain values may differ by as much with nothing growing, in steps that samples may follow
 * @returns {{ readonly slope: number, readonly noise: number }} both per million segments
 */
export const slopeOf = (samples, grain) => {
  const points = samples.map(({ segments, value }) => ({ x: segments / 1e6, y: value }));
  const mean = (/** @type {readonly number[]} */ values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const middleX = mean(points.map(({ x }) => x));
  const middleY = mean(points.map(({ y }) => y));
  const spread = points.reduce((sum, { x }) => sum + (x - middleX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - middleX) * (y - middleY), 0) / spread;
  const rest = points.reduce(
    (sum, { x, y }) => sum + (y - middleY - slope * (x - middleX)) ** 2,
    0,
  );
  const range = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  const noise = DOUBT * Math.sqrt(rest / (points.length - 2) / spread) + (STEEPEST * grain) / range;
  return { slope, noise };
};
