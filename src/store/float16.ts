// IEEE 754 half precision, for the large tensors of a scene model: half the file at three decimal digits.

const bits = new DataView(new ArrayBuffer(4));

/** Rounds to nearest, ties to even; beyond ±65,504 becomes infinity. */
const halfOf = (value: number): number => {
  bits.setFloat32(0, value);
  const word = bits.getUint32(0);
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const fraction = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const unbiased = exponent - 127 + 15;
  if (unbiased >= 31) return sign | 0x7c00;
  if (unbiased < -10) return sign;
  // Subnormals carry the leading one explicitly, and are shifted further.
  const shift = unbiased > 0 ? 13 : 14 - unbiased;
  const full = unbiased > 0 ? (unbiased << 23) | fraction : fraction | 0x800000;
  const kept = full >>> shift;
  const rest = full & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  // A carry out of the fraction runs into the exponent, which is right.
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
};

const valueOf = (half: number): number => {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** Of every half there is; made once, since each scene that is loaded needs it. */
let table: Float32Array | undefined;

const valueTable = (): Float32Array => {
  const made = new Float32Array(65_536);
  for (let half = 0; half < made.length; half++) made[half] = valueOf(half);
  return made;
};

export const toHalf = (values: Float32Array): Uint16Array => {
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) halves[index] = halfOf(values[index] ?? 0);
  return halves;
};

/** By table: a model has millions of them. */
export const fromHalf = (halves: Uint16Array): Float32Array => {
  table ??= valueTable();
  const values = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++)
    values[index] = table[halves[index] ?? 0] ?? 0;
  return values;
};
