// Growth per million segments, as the least-squares line through samples, and how far that may be off.

/** @typedef {{ readonly segments: number, readonly value: number }} Sample */

/** Of standard errors: a slope within so many of zero is none. */
const DOUBT = 3;

/**
 * @param {readonly Sample[]} samples
 * @returns {{ readonly slope: number, readonly noise: number }} both per million segments
 */
export const slopeOf = (samples) => {
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
  return { slope, noise: DOUBT * Math.sqrt(rest / (points.length - 2) / spread) };
};
