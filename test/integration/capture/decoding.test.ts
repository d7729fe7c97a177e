// Decoding less, through the real ffmpeg: which frames are left, and what a codec that can't is told.
import { afterEach, expect, it } from 'vitest';
import type { Decoding } from '../../../src/capture/decoding.ts';
import { silentLogger, type Logger } from '../../../src/core/ports/logger.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { childPids } from './child-pids.ts';
import { makeClip, never, openSource, RAMP, runFfmpeg } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

const play = async (url: string, decoding: Decoding, logger: Logger = silentLogger) => {
  const sink = new RecordingSink();
  await openSource({ url, decoding, logger }).play(sink, never());
  return sink;
};

it('key frames only: those, at their times', async () => {
  await using dir = await tempDir();
  await makeClip(dir.at('clip.mp4'), 3, '-g', '10');
  const sink = await play(dir.at('clip.mp4'), { frames: 'key', lowres: 0 });
  expect(sink.mediaTimesMs).toEqual([0, 1000, 2000]);
});

it('frames that others need: fewer, and each as it would be among all', async () => {
  await using dir = await tempDir();
  const withB = ['-c:v', 'libx264', '-preset', 'medium', '-bf', '2', '-b_strategy', '0'];
  await runFfmpeg('-f', 'lavfi', '-i', RAMP, '-t', '3', ...withB, dir.at('clip.mp4'));
  const all = await play(dir.at('clip.mp4'), { frames: 'all', lowres: 0 });
  const some = await play(dir.at('clip.mp4'), { frames: 'reference', lowres: 0 });
  expect(all.means).toHaveLength(30);
  expect(some.means.length).toBeGreaterThan(5);
  expect(some.means.length).toBeLessThan(25);
  const meanAt = new Map(all.mediaTimesMs.map((time, index) => [time, all.means[index]]));
  expect(some.means).toEqual(some.mediaTimesMs.map((time) => meanAt.get(time)));
});

it('MJPEG at a quarter of its size: every frame, nearly as bright; H.264 in full, and it is told once', async () => {
  await using dir = await tempDir();
  const warnings: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (message, fields) => void warnings.push({ message, ...fields }),
  };
  await runFfmpeg('-f', 'lavfi', '-i', RAMP, '-t', '1', '-c:v', 'mjpeg', dir.at('clip.mkv'));
  const full = await play(dir.at('clip.mkv'), { frames: 'all', lowres: 0 }, logger);
  const small = await play(dir.at('clip.mkv'), { frames: 'all', lowres: 2 }, logger);
  expect(small.mediaTimesMs).toEqual(full.mediaTimesMs);
  small.means.forEach((mean, index) => {
    expect(Math.abs(mean - full.means[index]!)).toBeLessThan(2);
  });
  expect(warnings).toEqual([]);

  await makeClip(dir.at('clip.mp4'), 1);
  const stop = new AbortController();
  const sink = new RecordingSink({ onFrame: (count) => (count >= 25 ? stop.abort() : undefined) });
  const decoding = { frames: 'all', lowres: 2 } as const;
  const looped = openSource({ url: dir.at('clip.mp4'), loop: true, decoding, logger });
  await looped.play(sink, stop.signal);
  expect(sink.means.length).toBeGreaterThanOrEqual(25);
  expect(warnings).toEqual([
    {
      message: 'codec can’t decode at so low a resolution: it does what it can',
      source: looped.description,
      wanted: 2,
      used: 0,
    },
  ]);
});
