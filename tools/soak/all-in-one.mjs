// The daemon of one process: queue in memory, worker loop, readers, the log of alerts, the log of events on disk and
// somebody who is told them.
import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../../dist/app/system-clock.js';
import { cameraId } from '../../dist/core/ids.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { EventFanOut } from '../../dist/events/event-fan-out.js';
import { EventSink } from '../../dist/events/event-sink.js';
import { KEPT_EVENTS } from '../../dist/events/event-tail.js';
import { FileEventLog } from '../../dist/events/file-event-log.js';
import { FrameLedger } from '../../dist/pipeline/frame-ledger.js';
import { encodeReading } from '../../dist/pipeline/reader-state-codec.js';
import { MemoryFrameQueue } from '../../dist/queue/memory-queue.js';
import { AlertLog } from '../../dist/server/alert-log.js';
import { PromMeter } from '../../dist/telemetry/prom-meter.js';
import { makeReaders } from './readers.mjs';
import { startScoring } from './scoring.mjs';
import { Segments } from './segments.mjs';
import { CAMERAS, MOST_UNDER_WAY, SCENE } from './setting.mjs';

/** @typedef {import('../../dist/core/ids.js').CameraId} CameraId */
/** @typedef {import('../../dist/core/alert.js').Alert} Alert */
/** @typedef {import('./setting.mjs').PartSetting} PartSetting */
/** @typedef {import('./setting.mjs').Part} Part */

const POLL_MS = 5;
const MAX_FRAMES = 64;
const MAX_AGE_MS = 60_000;
const FILLING = 8;

/** Everything after the readers. */
class Telling {
  #alerts = AlertLog.ofThisRun(systemClock.nowMs());
  /** @type {Set<CameraId>} */
  #changed = new Set();
  #stop = new AbortController();
  #emitted = 0;
  #told = 0;
  #log;
  #sink;
  #fanOut;
  /** @type {Promise<void>} */
  #running = Promise.resolve();

  readers = makeReaders((alert) => {
    this.#arose(alert);
  });

  /**
   * @param {string} folder
   * @param {import('../../dist/core/ports/meter.js').Meter} meter
   */
  constructor(folder, meter) {
    const common = { clock: systemClock, logger: silentLogger, meter };
    this.#log = new FileEventLog({ folder, ...common });
    this.#fanOut = new EventFanOut({
      log: this.#log,
      consumers: [
        {
          name: 'nobody',
          isDurable: true,
          consume: (entries) => {
            this.#told += entries.length;
          },
        },
      ],
      ...common,
    });
    this.#sink = new EventSink({
      log: this.#log,
      progress: () => ({ states: this.#states(), done: [], runCount: 1 }),
      onAppended: () => {
        this.#fanOut.wake();
      },
      onReplaced: () => undefined,
      ...common,
    });
  }

  async start() {
    await this.#log.open();
    await this.#fill();
    this.#fanOut.start();
    this.#running = this.#sink.run(this.#stop.signal);
  }

  /** Everybody was told everything. */
  get isIdle() {
    return this.#told === this.#emitted;
  }

  async stop() {
    this.#stop.abort();
    await this.#running;
    await this.#fanOut.stop();
    await this.#log.close();
  }

  /** The log keeps so many events, however long it runs: without them it would seem to grow. */
  async #fill() {
    const start = systemClock.nowMs();
    const event = (/** @type {number} */ index) => ({
      kind: /** @type {const} */ ('scene'),
      id: `before-${index}`,
      cameraId: CAMERAS[index % CAMERAS.length] ?? cameraId('none'),
      atMs: start + index,
      sceneId: SCENE,
      change: /** @type {const} */ ('swapped'),
      modelVersion: `version ${index}`,
      reason: 'as large as an anomaly, by and large: '.repeat(FILLING),
    });
    const events = Array.from({ length: KEPT_EVENTS }, (_, index) => event(index));
    await this.#log.append({ events, states: new Map(), done: [], runCount: 0 });
  }

  #arose(/** @type {Alert} */ alert) {
    this.#alerts.append(alert);
    this.#changed.add(alert.cameraId);
    this.#emitted += 1;
    this.#sink.emit({ kind: 'anomaly', ...alert });
  }

  #states() {
    const states = new Map(
      [...this.#changed].map((camera) => {
        const reader = this.readers.get(camera)?.state;
        return [camera, encodeReading({ next: (reader?.last.sequence ?? -1) + 1, reader })];
      }),
    );
    this.#changed.clear();
    return states;
  }
}

/**
 * @param {PartSetting} setting
 * @returns {Promise<Part>}
 */
export const allInOne = async ({ folder }) => {
  const meter = new PromMeter();
  const ledger = new FrameLedger(meter);
  const telling = new Telling(folder, meter);
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
    onOutcome: ({ cameraId }, outcome) => {
      counts.segments += 1;
      if (outcome.kind === 'dropped') {
        counts.dropped += 1;
        ledger.dropped(cameraId, outcome.reason, 1);
      } else {
        ledger.scored(cameraId, 1);
        telling.readers.get(cameraId)?.read(outcome.score);
      }
      offer();
    },
  });
  await telling.start();
  const scoring = await startScoring(queue, meter);
  return {
    load: async (amount) => {
      const end = counts.segments + amount;
      due = amount;
      for (let underWay = 0; underWay < MOST_UNDER_WAY; underWay++) offer();
      while (counts.segments < end || !telling.isIdle) await delay(POLL_MS);
    },
    counts: () => counts,
    end: async () => {
      await scoring.end();
      await telling.stop();
    },
  };
};
