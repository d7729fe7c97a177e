// The worker's own loop over a queue, with a scoring process that does nothing.
import { fileURLToPath } from 'node:url';

import { systemClock } from '../../dist/process/system-clock.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { WorkerLoop } from '../../dist/scoring/worker-loop.js';
import { ScorerProcess } from '../../dist/scoring/scorer-process.js';

const BATCH_TIMEOUT_MS = 60_000;
const MAX_WAIT_MS = 1_000;

/**
 * @param {import('../../dist/core/ports/frame-queue.js').FrameQueue} queue
 * @param {import('../../dist/core/ports/meter.js').Meter} meter
 */
export const startScoring = async (queue, meter) => {
  const stop = new AbortController();
  const scorer = new ScorerProcess({
    modulePath: fileURLToPath(new URL('null-scorer.mjs', import.meta.url)),
    settings: {},
    startTimeoutMs: BATCH_TIMEOUT_MS,
    batchTimeoutMs: BATCH_TIMEOUT_MS,
    clock: systemClock,
    logger: silentLogger,
    meter,
  });
  await scorer.start();
  const counts = { segments: 0, dropped: 0 };
  const working = new WorkerLoop({
    queue,
    scorer: {
      score: async (segments, signal) => {
        const outcomes = await scorer.score(segments, signal);
        counts.segments += segments.length;
        return outcomes;
      },
    },
    batching: () => scorer.batching,
    maxWaitMs: MAX_WAIT_MS,
    clock: systemClock,
    logger: silentLogger,
  }).run(stop.signal);
  return {
    counts: () => counts,
    end: async () => {
      await queue.close();
      stop.abort(new Error('the soak is over'));
      await working;
      await scorer.stop();
    },
  };
};
