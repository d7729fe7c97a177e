// The daemon of one process: queue in memory, worker loop, readers, the log of events on disk and somebody who is told
// them.
import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../../dist/process/system-clock.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { FileEventLog } from '../../dist/events/file-event-log.js';
import { FrameLedger } from '../../dist/queue/frame-ledger.js';
import { MemoryFrameQueue } from '../../dist/queue/memory-queue.js';
import { PromMeter } from '../../dist/telemetry/prom-meter.js';
import { startScoring } from './scoring.mjs';
import { Segments } from './segments.mjs';
import { CAMERAS, MOST_UNDER_WAY } from './setting.mjs';
import { startTelling } from './telling.mjs';

/** @typedef {import('./setting.mjs').PartSetting} PartSetting */
/** @typedef {import('./setting.mjs').Part} Part */

const POLL_MS = 5;
const MAX_FRAMES = 64;
const MAX_AGE_MS = 60_000;
/**
 * @param {PartSetting} setting
 * @returns {Promise<Part>}
 */
export const allInOne = async ({ folder }) => {
  const meter = new PromMeter();
  const ledger = new FrameLedger(meter);
  const log = new FileEventLog({ folder, clock: systemClock, logger: silentLogger, meter });
  await log.open();
  const telling = await startTelling(log, meter);
  const segments = new Segments();
  const counts = { segments: 0, dropped: 0 };
  let due = 0;
  const offer = () => {
    if (due === 0) return;
    due -= 1;
    const segment = segments.next();
    ledger.captured(segment.cameraId);
    void queue.offer(segment);
  };
  const queue = new MemoryFrameQueue({
    maxFramesPerCamera: MAX_FRAMES,
    maxFrames: MAX_FRAMES * CAMERAS.length,
    maxFrameAgeMs: MAX_AGE_MS,
    clock: systemClock,
    onOutcome: (segment, outcome) => {
      const { cameraId } = segment;
      counts.segments += 1;
      if (outcome.kind === 'dropped') {
        counts.dropped += 1;
        ledger.dropped(cameraId, outcome.reason, 1);
      } else ledger.scored(cameraId, 1);
      telling.line.tell(segment, outcome);
      offer();
    },
  });
  const scoring = await startScoring(queue, meter);
  return {
    load: async (amount) => {
      const end = counts.segments + amount;
      due = amount;
      for (let underWay = 0; underWay < MOST_UNDER_WAY; underWay++) offer();
      while (counts.segments < end || !telling.isIdle()) await delay(POLL_MS);
    },
    counts: () => counts,
    end: async () => {
      await scoring.end();
      await telling.line.stop();
      await log.close();
    },
  };
};
