// A scoring process that looks at nothing: the daemon's own wire, and an alert now and then.
import { BlockingChannel } from '../../dist/scoring/blocking-channel.js';
import { parseRequest } from '../../dist/scoring/scorer-message.js';
import { ALERT_EVERY, ALERT_FRAMES, BATCH, MAP_SIDE } from './setting.mjs';

/** @typedef {import('../../dist/scoring/scorer-message.js').SegmentHeader} SegmentHeader */

const PIPE_FD = 3;
const channel = new BlockingChannel(PIPE_FD);

const mapsOf = (/** @type {SegmentHeader} */ { stamps }) => {
  const maps = new Float32Array(stamps.length * MAP_SIDE ** 2);
  stamps.forEach(({ sequence }, index) => {
    if (sequence % ALERT_EVERY < ALERT_FRAMES) maps[index * MAP_SIDE ** 2] = 2;
  });
  return new Uint8Array(maps.buffer);
};

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
channel.write({ kind: 'ready', engine: 'none' }, []);
channel.write({ kind: 'calibrated', ...BATCH }, []);
for (;;) {
  const next = channel.readHeader();
  if (next === undefined) break;
  const { batchId, segments } = parseRequest(next.header, next.payloadBytes);
  if (!channel.readInto(new Uint8Array(next.payloadBytes))) break;
  const maps = segments.map(mapsOf);
  const outcomes = maps.map(({ byteLength }) => ({
    kind: 'scored',
    ...{ side: MAP_SIDE, mapBytes: byteLength, modelVersion: 'none', threshold: 1 },
  }));
  channel.write({ kind: 'scores', batchId, outcomes, seconds: 0, samples: [] }, maps);
}
process.exit(0);
