import { expect, it } from 'vitest';
import { InputFactsReader, isPastEnd, isSegmented } from '../../../src/capture/input-facts.ts';

const read = (...lines: string[]) => {
  const reader = new InputFactsReader();
  return lines.map((line) => reader.read(line)).filter((facts) => facts !== undefined);
};

const MP4 = "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http://host/a.mp4':";

it.each([
  ['  Duration: 01:00:02.50, start: 0.000000, bitrate: 312 kb/s', 3_602_500],
  // A live stream: the duration is that of the fragments read so far.
  ['  Duration: 00:00:02.50, start: 0.000000, bitrate: N/A', undefined],
  ['  Duration: N/A, start: 1.400000, bitrate: N/A', undefined],
  ['  Duration: N/A, bitrate: N/A', undefined],
])('%s', (line, lengthMs) => {
  expect(read(MP4, '[info]   Metadata:', `[info] ${line}`, `[info] ${line}`)).toEqual([
    { format: 'mov,mp4,m4a,3gp,3g2,mj2', lengthMs },
  ]);
});

it('takes nothing from metadata or an output', () => {
  expect(
    read(
      "[info] Output #0, hls, from 'x':",
      '[info]     title           : Input #0, hls, from x',
      '[info]   Duration: 00:00:02.50, start: 0.000000, bitrate: 1 kb/s',
    ),
  ).toEqual([]);
});

it('a stream that goes on past its length is live after all', () => {
  const facts = { format: 'flv', lengthMs: 2_500 };
  expect([isPastEnd(facts, 2_600), isPastEnd(facts, 60_000)]).toEqual([false, true]);
  expect(isPastEnd({ format: 'flv', lengthMs: undefined }, 60_000)).toBe(false);
});

it.each([
  ['hls', true],
  ['dash', true],
  ['mpegts', false],
])('%s comes in segments: %s', (format, expected) => {
  expect(isSegmented({ format, lengthMs: undefined })).toBe(expected);
});
