// Resize and filter of anomaly maps as one linear operator on rows and columns (PaDiM, section 3.4): bicubic
// interpolation followed by a Gaussian filter is a matrix, applied as operator · map · operatorᵀ.

/** Cubic convolution with a = −0.75, as PyTorch and OpenCV (Keys 1981). */
const cubicWeight = (distance: number): number => {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  if (x < 2) return a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a;
  return 0;
};

/** (outSide, side): samples at pixel centres, clamped at the borders. */
const bicubicMatrix = (side: number, outSide: number): Float64Array => {
  const matrix = new Float64Array(outSide * side);
  for (let row = 0; row < outSide; row++) {
    const centre = ((row + 0.5) * side) / outSide - 0.5;
    const first = Math.floor(centre) - 1;
    for (let tap = first; tap < first + 4; tap++) {
      const column = Math.min(side - 1, Math.max(0, tap));
      matrix[row * side + column]! += cubicWeight(centre - tap);
    }
  }
  return matrix;
};

/** (side, side): truncated at 4 σ, reflected at the borders (half-sample symmetric), rows sum to 1. */
export const gaussianMatrix = (side: number, sigma: number): Float64Array => {
  const radius = Math.floor(4 * sigma + 0.5);
  const taps = Float64Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = taps.reduce((sum, weight) => sum + weight, 0);
  const matrix = new Float64Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let tap = -radius; tap <= radius; tap++) {
      const period = 2 * side;
      const wrapped = (((row + tap) % period) + period) % period;
      const column = wrapped < side ? wrapped : period - 1 - wrapped;
      matrix[row * side + column]! += taps[tap + radius]! / total;
    }
  }
  return matrix;
};

/** (outSide, side) float32: resize from side to outSide (bicubic), then filter with σ in output cells. */
export const mapOperator = (side: number, outSide: number, sigma: number): Float32Array => {
  const resize = bicubicMatrix(side, outSide);
  if (sigma === 0) return Float32Array.from(resize);
  const filter = gaussianMatrix(outSide, sigma);
  const operator = new Float32Array(outSide * side);
  for (let row = 0; row < outSide; row++) {
    for (let column = 0; column < side; column++) {
      let sum = 0;
      for (let k = 0; k < outSide; k++)
        sum += filter[row * outSide + k]! * resize[k * side + column]!;
      operator[row * side + column] = sum;
    }
  }
  return operator;
};
