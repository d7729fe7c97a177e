// Polls a condition, and says what it waited for in vain.
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Resolves with how long it took, in milliseconds. */
export const waitUntil = async (condition, timeoutMs, what) => {
  const startMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startMs > timeoutMs) {
      throw new Error(`waited ${timeoutMs / 1_000} s for ${what}`);
    }
    await delay(POLL_MS);
  }
  return performance.now() - startMs;
};
