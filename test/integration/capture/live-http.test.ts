// Live streams over HTTP as cameras and relays serve them: playlists that come in bursts, streams without
// a length behind addresses that end like a file's, one picture a request.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/process/system-clock.ts';
import { ReconnectingSource, type SourceState } from '../../../src/capture/reconnecting-source.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { childPids } from './child-pids.ts';
import { H264, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

interface TestServer extends AsyncDisposable {
  readonly host: string;
}

const serve = async (listener: RequestListener): Promise<TestServer> => {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
};

/** Only the back-off is hurried: pacing is by the real clock. */
const hurried: Clock = {
  ...systemClock,
  sleep: (delayMs, signal) => systemClock.sleep(delayMs >= 4_000 ? 100 : delayMs, signal),
};

const encode = async (...args: string[]): Promise<Buffer> => {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10', ...args, 'pipe:1'],
    { encoding: 'buffer', maxBuffer: 2 ** 26 },
  );
  return stdout;
};

const SEGMENT_SECONDS = 2;

it('a playlist whose segments come in bursts is paced by its media times, without a stall', async () => {
  await using dir = await tempDir();
  const encoder = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10'],
      ...[...H264, '-tune', 'zerolatency', '-g', '10', '-f', 'hls'],
      ...['-hls_time', String(SEGMENT_SECONDS), '-hls_list_size', '5', dir.at('live.m3u8')],
    ],
    { stdio: 'ignore' },
  );
  const encoderGone = once(encoder, 'exit');
  try {
    await using server = await serve((request, response) => {
      readFile(dir.at(basename(request.url ?? ''))).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    const readable = (): Promise<boolean> =>
      readFile(dir.at('live.m3u8')).then(
        () => true,
        () => false,
      );
    await waitUntil(readable, 30_000, 'the playlist');
    const stop = new AbortController();
    const states: SourceState['kind'][] = [];
    const sink = new RecordingSink();
    const camera = new ReconnectingSource({
      source: openSource({ url: `http://${server.host}/live.m3u8` }),
      clock: systemClock,
      random: () => 0.5,
      onState: ({ kind }) => states.push(kind),
    });
    const playing = camera.play(sink, stop.signal);
    await waitUntil(() => sink.times.length >= 70, 60_000, 'several segments');
    stop.abort();
    await playing;
    const steps = sink.times.slice(1).map(({ steadyMs = 0, mediaTimeMs }, index) => ({
      steady: steadyMs - (sink.times[index]!.steadyMs ?? 0),
      media: mediaTimeMs - sink.times[index]!.mediaTimeMs,
    }));
    expect(steps.every(({ media }) => media > 50 && media < 150)).toBe(true);
    // A frame is as long after the one before it as they were taken, but for the few that came late.
    const late = steps.filter(({ steady, media }) => Math.abs(steady - media) > 1);
    expect(late.length).toBeLessThan(8);
    expect(steps.every(({ steady, media }) => steady >= media - 1)).toBe(true);
    expect(states).toEqual(['connecting', 'up']);
  } finally {
    encoder.kill('SIGKILL');
    await encoderGone;
  }
});

it.each([
  ['/api/stream.ts?src=yard', ['-f', 'mpegts']],
  ['/live/yard.flv', ['-f', 'flv']],
  ['/api/stream.mp4', ['-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof']],
])('%s has no length, so it is up again after a cut', async (path, format) => {
  const bytes = await encode('-t', '1', ...H264, '-g', '5', ...format);
  let isRefusing = false;
  await using server = await serve((_, response) => {
    if (isRefusing) response.destroy();
    else {
      // Chunked, as what has no length is sent.
      response.write(bytes);
      response.end();
      isRefusing = true;
    }
  });
  const stop = new AbortController();
  const states: SourceState['kind'][] = [];
  const sink = new RecordingSink();
  const source = openSource({ url: `http://${server.host}${path}` });
  const camera = new ReconnectingSource({
    source,
    clock: hurried,
    random: () => 0.5,
    onState: ({ kind }) => states.push(kind),
  });
  const playing = camera.play(sink, stop.signal);
  await waitUntil(() => states.filter((kind) => kind === 'down').length >= 2, 30_000, 'the cut');
  isRefusing = false;
  await waitUntil(() => states.filter((kind) => kind === 'up').length >= 2, 30_000, 'up again');
  stop.abort();
  await playing;
  expect(source.isEndless).toBe(true);
});

it.each([true, false])(
  'a snapshot is asked for again and again; with a length: %s',
  async (hasLength) => {
    const picture = await encode('-frames:v', '1', '-f', 'mjpeg');
    await using server = await serve((_, response) => {
      if (!hasLength) response.write(picture.subarray(0, 100));
      response.end(hasLength ? picture : picture.subarray(100));
    });
    const stop = new AbortController();
    const states: SourceState['kind'][] = [];
    const sink = new RecordingSink({ onFrame: (count) => (count >= 3 ? stop.abort() : undefined) });
    const camera = new ReconnectingSource({
      source: openSource({ url: `http://${server.host}/snap.jpg?channel=1`, fps: 5 }),
      clock: systemClock,
      random: () => 0.5,
      onState: ({ kind }) => states.push(kind),
    });
    await camera.play(sink, stop.signal);
    expect(states).toEqual(['connecting', 'up']);
    const [first = 0, , third = 0] = sink.mediaTimesMs;
    expect(third - first).toBeGreaterThan(1_500);
  },
);

it('the rate asked for is a bound even where the size of the picture changes with every frame', async () => {
  const sizes = await Promise.all(
    ['320x240', '160x120'].map((size) => encode('-frames:v', '1', '-s', size, '-f', 'mjpeg')),
  );
  await using server = await serve((_, response) => {
    for (let count = 0; count < 100; count += 1) response.write(sizes[count % 2]);
    response.end();
  });
  const sink = new RecordingSink();
  // Without times ffmpeg takes 25 frames a second: 4 s in all.
  await openSource({ url: `http://${server.host}/clip.mkv`, fps: 5 }).play(
    sink,
    new AbortController().signal,
  );
  expect(sink.times.length).toBeGreaterThan(15);
  expect(sink.times.length).toBeLessThan(25);
});
