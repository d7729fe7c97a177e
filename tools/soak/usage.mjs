// What this process holds on to: after a forced collection, so that what is only waiting to be collected is not seen.
import { setImmediate } from 'node:timers/promises';

/** Finalizers run between collections, and let go of more. */
const COLLECTIONS = 3;

export const usage = async () => {
  for (let count = 0; count < COLLECTIONS; count++) {
    if (globalThis.gc === undefined) throw new Error('started without --expose-gc');
    globalThis.gc();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external, handles: process.getActiveResourcesInfo().length };
};
