import { expect, it } from 'vitest';
import { systemClock } from '../../../src/process/system-clock.ts';

it('sleeps no less than asked for', async () => {
  const start = systemClock.monotonicMs();
  await systemClock.sleep(20);
  // Timers count whole milliseconds, and may wake within the last one.
  expect(systemClock.monotonicMs() - start).toBeGreaterThanOrEqual(19);
});

it("wakes at once with the signal's reason, whether aborted before or during the sleep", async () => {
  const reason = new Error('enough');
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});
