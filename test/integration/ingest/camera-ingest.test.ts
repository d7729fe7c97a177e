// A camera from its source to the queue: what its watcher is told.
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { CameraIngest } from '../../../src/ingest/camera-ingest.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { FfmpegBinary } from '../../../src/capture/ffmpeg/ffmpeg-binary.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { plainMedian } from '../../../src/motion/median-kernel.ts';
import { PixelPool } from '../../../src/ingest/pixel-pool.ts';
import { MemoryFrameQueue } from '../../../src/queue/memory-queue.ts';
import { RtspServer } from '../../support/rtsp-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

it('a live camera that is stopped has not ended', async () => {
  await using dir = await tempDir();
  await using server = await new RtspServer().start();
  await writeFile(dir.at('patchwatch.yaml'), `cameras:\n  yard:\n    url: ${server.url()}\n`);
  const [camera] = (await loadConfig(dir.at('patchwatch.yaml'), {})).cameras;
  const states: string[] = [];
  const ingest = new CameraIngest({
    camera: camera!,
    startAtMs: undefined,
    ffmpeg: new FfmpegBinary({ path: 'ffmpeg' }),
    runId: 'run',
    firstSequence: 0,
    queue: new MemoryFrameQueue({
      ...{ maxFramesPerCamera: 100, maxFrames: 100, maxFrameAgeMs: 60_000 },
      clock: systemClock,
      onOutcome: () => undefined,
    }),
    median: plainMedian,
    pool: new PixelPool(0),
    watcher: { setState: (_, state) => states.push(state) },
    taps: [],
    onCaptured: () => undefined,
    onLeftOut: () => undefined,
    clock: systemClock,
    logger: silentLogger,
    meter: silentMeter,
  });
  const stop = new AbortController();
  const running = ingest.run(stop.signal);
  await waitUntil(() => states.includes('up'), 30_000, 'the camera');
  stop.abort();
  await running;
  expect(states).toEqual(['connecting', 'up']);
});
