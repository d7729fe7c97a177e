// Polls a condition instead of sleeping a guessed time: as fast as the machine, and says what it waited for in vain.
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;

/**
 * @param {() => boolean | Promise<boolean>} condition
 * @param {number} timeoutMs
 * @param {string} what
 * @returns {Promise<void>}
 */
export const waitUntil = async (condition, timeoutMs, what) => {
  const startMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startMs > timeoutMs) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`);
    }
    await delay(POLL_MS);
  }
};
