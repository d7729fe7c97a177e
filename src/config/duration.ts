// Durations are written with their unit ("10s") and become milliseconds once, at the edge.

export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds; undefined when the text is no duration. */
export const parseDuration = (text: string): number | undefined => {
  const match = DURATION_PATTERN.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
};

/** Milliseconds of a duration that was checked before. */
export const durationMs = (text: string): number => {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is no duration`);
  return parsed;
};
