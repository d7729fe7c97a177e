// How long to wait before a camera is opened again. A dead camera must not eat the host, a hundred
// cameras behind one switch must not come back at the same instant.

const DELAYS_MS = [5_000, 10_000, 20_000, 40_000, 60_000] as const;
/** Cameras lock an account after a few wrong passwords, most for half an hour. */
const REFUSED_DELAYS_MS = [60_000, 300_000, 900_000, 1_800_000] as const;
const JITTER = 0.2;

/**
 * `failureCount` counts failures in a row, from 1; `random` returns 0 ≤ x < 1. The delay is
 * 5, 10, 20, 40, then 60 s, ± 20 %; where the source refused the user: 1, 5, 15, then 30 min.
 */
export const backOffDelayMs = (
  failureCount: number,
  random: () => number,
  isRefused = false,
): number => {
  const delays = isRefused ? REFUSED_DELAYS_MS : DELAYS_MS;
  const index = Math.min(Math.max(failureCount, 1), delays.length) - 1;
  const delayMs = delays[index] ?? delays[0];
  return Math.round(delayMs * (1 + JITTER * (2 * random() - 1)));
};
