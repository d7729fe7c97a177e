// How long to wait before a camera is opened again. A dead camera must not eat the host, a hundred
// cameras behind one switch must not come back at the same instant.

const DELAYS_MS = [5_000, 10_000, 20_000, 40_000, 60_000] as const;
const JITTER = 0.2;

/**
 * `failureCount` counts failures in a row, from 1; `random` returns 0 ≤ x < 1. The delay is
 * 5, 10, 20, 40, then 60 s, ± 20 %.
 */
export const backOffDelayMs = (failureCount: number, random: () => number): number => {
  const index = Math.min(Math.max(failureCount, 1), DELAYS_MS.length) - 1;
  const delayMs = DELAYS_MS[index] ?? DELAYS_MS[0];
  return Math.round(delayMs * (1 + JITTER * (2 * random() - 1)));
};
