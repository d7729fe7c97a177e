// A live stream that breaks while a scene is learnt from it: it is opened again, nothing is compared across the break,
// and what was played is measured by a clock that nobody sets.
import { writeFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import {
  playFootage,
  type FitProgress,
  type FootageOptions,
} from '../../../../src/commands/fit/play-footage.ts';
import { loadConfig } from '../../../../src/config/load-config.ts';
import { deferred } from '../../../../src/core/deferred.ts';
import { frameGapMs } from '../../../../src/core/frame-gap.ts';
import type { Clock } from '../../../../src/core/ports/clock.ts';
import type { FrameTime } from '../../../../src/core/ports/frame-source.ts';
import type { Logger } from '../../../../src/core/ports/logger.ts';
import { silentLogger } from '../../../../src/core/ports/logger.ts';
import type { FrameBatch } from '../../../../src/fitting/batch-sink.ts';
import { systemClock } from '../../../../src/process/system-clock.ts';
import { LiveStream } from '../../../support/live-stream.ts';
import { RtspServer } from '../../../support/rtsp-server.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const FPS = 10;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

interface Seen {
  readonly hasContext: boolean;
  readonly times: readonly FrameTime[];
}

class Learner {
  readonly batches: Seen[] = [];
  frameCount = 0;

  add({ hasContext, times }: FrameBatch): Promise<void> {
    this.batches.push({ hasContext, times: [...times] });
    this.frameCount += times.length;
    return Promise.resolve();
  }
}

/** Waits of the back-off are short; the longest, for a stream that stays away, is over when the test says so. */
class TestClock implements Clock {
  wallShiftMs = 0;
  readonly patience = deferred<undefined>();

  nowMs(): number {
    return systemClock.nowMs() + this.wallShiftMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (delayMs > 60 * SECOND) return this.patience.promise;
    return systemClock.sleep(delayMs >= 4 * SECOND ? 200 : delayMs, signal);
  }
}

interface Fit {
  readonly learner: Learner;
  readonly clock: TestClock;
  /** Messages of the log. */
  readonly told: string[];
  /** Footage so far, milliseconds. */
  readonly progress: { ms: number };
  readonly playing: Promise<number>;
}

const fitOf = async (url: string, options: Partial<FootageOptions>): Promise<Fit> => {
  await using dir = await tempDir();
  await writeFile(
    dir.at('patchwatch.yaml'),
    `defaults: { fps: ${FPS} }\ncameras:\n  yard: { url: '${url}' }\n`,
  );
  const config = await loadConfig(dir.at('patchwatch.yaml'), {});
  const [camera] = config.cameras;
  if (camera === undefined) throw new RangeError('no camera');
  const learner = new Learner();
  const clock = new TestClock();
  const told: string[] = [];
  const progress = { ms: 0 };
  const logger: Logger = { ...silentLogger, warn: (message) => told.push(message) };
  const playing = playFootage({
    ...{ config, camera, scene: camera.scenes[0], from: undefined, durationMs: 5 * SECOND },
    ...{ learner, clock, logger, signal: new AbortController().signal },
    onProgress: ({ mediaTimeMs }: FitProgress) => {
      progress.ms = mediaTimeMs;
    },
    ...options,
  });
  playing.catch(() => undefined);
  return { learner, clock, told, progress, playing };
};

const steadyMs = (time: FrameTime | undefined): number => time?.steadyMs ?? NaN;

/** Where the stream broke, as the longest silence between two batches: index of the one after it. */
const breakIn = (batches: readonly Seen[]): number => {
  const silences = batches.map(({ times: [first] }, index) =>
    index === 0 ? 0 : steadyMs(first) - steadyMs(batches[index - 1]?.times.at(-1)),
  );
  return silences.indexOf(Math.max(...silences));
};

const expectGoesOn = async ({ learner, playing, told }: Fit): Promise<void> => {
  await playing;
  const { batches } = learner;
  const after = breakIn(batches);
  expect(after).toBeGreaterThan(0);
  expect(told).toContain('stream broke: opening it again');
  // No frame before it goes with the first after the break, and the times that go on show a gap there.
  expect(batches[after]?.hasContext).toBe(false);
  const times = batches.flatMap((batch) => batch.times.map(({ mediaTimeMs }) => mediaTimeMs));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const last = batches[after - 1]?.times.at(-1)?.mediaTimeMs ?? NaN;
  const first = batches[after]?.times[0]?.mediaTimeMs ?? NaN;
  expect(first - last).toBeGreaterThan(frameGapMs(FPS));
  // The break is not part of the duration, nor is the hour by which the clock was set.
  const stretches = [batches.slice(0, after), batches.slice(after)];
  const playedMs = stretches
    .map((stretch) => steadyMs(stretch.at(-1)?.times.at(-1)) - steadyMs(stretch[0]?.times[0]))
    .reduce((sum, ms) => sum + ms, 0);
  expect(playedMs).toBeGreaterThan(4 * SECOND);
  expect(playedMs).toBeLessThan(5.1 * SECOND);
};

describe.concurrent('a stream that breaks and comes back', () => {
  it('over RTSP, while the clock is set', async () => {
    await using server = await new RtspServer().start();
    const fit = await fitOf(server.url(), {});
    await waitUntil(() => fit.progress.ms >= 2 * SECOND, 60 * SECOND, 'footage');
    await server.stop();
    fit.clock.wallShiftMs = -HOUR;
    await waitUntil(() => fit.told.length > 0, 30 * SECOND, 'the break to be told');
    await server.start();
    await expectGoesOn(fit);
  });

  it('over HTTP, at an address that ends as a file’s', async () => {
    await using server = await new LiveStream().start();
    const fit = await fitOf(server.url, {});
    await waitUntil(() => fit.progress.ms >= 2 * SECOND, 60 * SECOND, 'footage');
    server.isAway = true;
    server.cut();
    await waitUntil(() => fit.told.length > 0, 30 * SECOND, 'the break to be told');
    server.isAway = false;
    await expectGoesOn(fit);
  });
});

describe.concurrent('a stream that breaks and stays away', () => {
  it('fails with what was got, once it was waited for long enough', async () => {
    await using server = await new LiveStream({ firstSeconds: 7 }).start();
    const fit = await fitOf(server.url, { durationMs: 60 * SECOND });
    await waitUntil(() => fit.learner.frameCount > 0, 60 * SECOND, 'footage');
    server.isAway = true;
    await waitUntil(() => fit.told.length >= 2, 60 * SECOND, 'it to be tried again');
    fit.clock.patience.resolve(undefined);
    await expect(fit.playing).rejects.toMatchObject({
      code: 'FOOTAGE_TOO_SHORT',
      message: expect.stringMatching(
        /^camera yard gave \d+ s of the 60 s to learn, then no more; nothing was written; check the camera \(.+\)$/,
      ) as string,
    });
  });

  it('and for which no duration was given: the break is no end', async () => {
    await using server = await new LiveStream({ firstSeconds: 7 }).start();
    const fit = await fitOf(server.url, { durationMs: undefined });
    await expect(fit.playing).rejects.toMatchObject({
      code: 'FOOTAGE_TOO_SHORT',
      message: expect.stringMatching(
        /^camera yard gave \d+ s of a live stream, then no more; nothing was written; say how long/,
      ) as string,
    });
  });
});
