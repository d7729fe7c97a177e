// Polls a condition instead of sleeping a guessed time: as fast as the machine, and says what it waited for.
import { setTimeout as delay } from 'node:timers/promises';

export const waitUntil = async (
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  what: string,
): Promise<void> => {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await delay(10);
  }
};
