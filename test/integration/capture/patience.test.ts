// What looks like a dead camera and is none: key frames that are far apart, an ffmpeg that is not there yet.
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/process/system-clock.ts';
import { FfmpegBinary } from '../../../src/capture/ffmpeg/ffmpeg-binary.ts';
import { ReconnectingSource, type SourceState } from '../../../src/capture/reconnecting-source.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import { RtspServer } from '../../support/rtsp-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { childPids } from './child-pids.ts';
import { ffmpegPath, makeClip, never, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

const hurried: Clock = {
  ...systemClock,
  sleep: (delayMs, signal) => systemClock.sleep(delayMs / 50, signal),
};

it('a camera is waited for whose next key frame is further away than the stall time-out', async () => {
  const picture = 'testsrc2=s=320x240:r=10';
  const camera = { codec: 'H264', picture, gop: 140 } as const;
  await using server = await new RtspServer({ camera }).start();
  await waitUntil(() => server.packetCount > 10, 30_000, 'the first key frame to be over');
  const stop = new AbortController();
  const sink = new RecordingSink({ onFrame: () => stop.abort() });
  // ffmpeg reads for 5 s to find out what it is; a picture comes after some 13.
  const source = openSource({ url: server.url(), stallTimeoutMs: 7_000 });
  await source.play(sink, stop.signal);
  expect(sink.times).toHaveLength(1);
});

it('a camera is up once ffmpeg is installed', async () => {
  await using dir = await tempDir();
  await makeClip(dir.at('clip.mp4'), 1);
  const states: SourceState[] = [];
  const sink = new RecordingSink();
  const camera = new ReconnectingSource({
    source: openSource({
      url: dir.at('clip.mp4'),
      ffmpeg: new FfmpegBinary({ path: dir.at('ffmpeg') }),
    }),
    clock: hurried,
    random: () => 0.5,
    onState: (state) => states.push(state),
  });
  const playing = camera.play(sink, never());
  await waitUntil(() => states.at(-1)?.kind === 'down', 30_000, 'ffmpeg to be missed');
  await writeFile(dir.at('new'), `#!/bin/sh\nexec ${ffmpegPath} "$@"\n`, { mode: 0o755 });
  await rename(dir.at('new'), dir.at('ffmpeg'));
  await playing;
  expect(sink.times.length).toBeGreaterThan(5);
});

it('ffmpeg is told none of the secrets in the environment', async () => {
  await using dir = await tempDir();
  const script = `#!/bin/sh\nenv > ${dir.at('seen')}-$#\nif [ "$1" = -version ]; then echo 'ffmpeg version 5.1.9'; exit; fi\nexit 1\n`;
  await writeFile(dir.at('ffmpeg'), script, { mode: 0o755 });
  process.env['PATCHWATCH_TEST_PASSWORD'] = 's3cretword';
  try {
    const ffmpeg = new FfmpegBinary({ path: dir.at('ffmpeg') });
    const playing = openSource({ url: 'rtsp://127.0.0.1:9/cam', ffmpeg }).play(
      new RecordingSink(),
      never(),
    );
    await expect(playing).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  } finally {
    delete process.env['PATCHWATCH_TEST_PASSWORD'];
  }
  const seen = (await readdir(dir.at('.'))).filter((name) => name.startsWith('seen'));
  expect(seen).toHaveLength(2);
  for (const name of seen) {
    expect(await readFile(dir.at(name), 'utf8')).not.toMatch(/s3cretword/);
  }
});
