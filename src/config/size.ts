// Sizes are written with their unit ("512MB") and become bytes once, at the edge.

export const SIZE_PATTERN = /^(\d+(?:\.\d+)?)(KB|MB|GB)$/;

const UNIT_BYTES: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 };

/** Bytes; undefined when the text is no size. */
export const parseSize = (text: string): number | undefined => {
  const match = SIZE_PATTERN.exec(text);
  const unit = UNIT_BYTES[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
};

/** Bytes of a size that was checked before. */
export const sizeBytes = (text: string): number => {
  const parsed = parseSize(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is no size`);
  return parsed;
};
