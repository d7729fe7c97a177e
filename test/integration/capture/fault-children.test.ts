// Children that misbehave as ffmpeg has been seen to: none may survive, hang the source, fill memory
// or leak the password.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { guardChild } from '../../../src/capture/ffmpeg/child-exit-guard.ts';
import { FfmpegBinary } from '../../../src/capture/ffmpeg/ffmpeg-binary.ts';
import type { FfmpegSource, FfmpegSourceOptions } from '../../../src/capture/ffmpeg-source.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { childPids } from './child-pids.ts';
import { never, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

const URL_WITH_PASSWORD = 'rtsp://admin:s3cretword@127.0.0.1:9/cam';

const openFake = (name: string, options: Partial<FfmpegSourceOptions> = {}): FfmpegSource => {
  const path = fileURLToPath(
    new URL(`../../fixtures/children/fake-ffmpeg-${name}.mjs`, import.meta.url),
  );
  return openSource({ url: URL_WITH_PASSWORD, ffmpeg: new FfmpegBinary({ path }), ...options });
};

afterEach(() => {
  expect(childPids()).toEqual([]);
});

it('a child that hangs is given up and ended', async () => {
  const playing = openFake('hang', { stallTimeoutMs: 1_000 }).play(new RecordingSink(), never());
  await expect(playing).rejects.toMatchObject({
    code: 'SOURCE_STALLED',
    message: expect.stringMatching(/gave no first frame for \d s/) as string,
  });
});

it('a child that ignores TERM is killed', async () => {
  const stop = new AbortController();
  const sink = new RecordingSink();
  const playing = openFake('ignore-term', { killGraceMs: 300 }).play(sink, stop.signal);
  await waitUntil(() => sink.times.length === 1, 30_000, 'its frame');
  expect(childPids()).toHaveLength(1);
  stop.abort();
  await playing;
});

it('a truncated last frame is dropped and counted, a late time waited for', async () => {
  const source = openFake('short-read');
  const sink = new RecordingSink();
  await source.play(sink, never());
  expect(sink.means).toEqual([10, 20]);
  expect(sink.mediaTimesMs).toEqual([0, 40]);
  expect(source.truncatedFrameCount).toBe(1);
});

it('a flood of messages is bounded, its reason found and its address redacted', async () => {
  const failure: unknown = await openFake('stderr-flood')
    .play(new RecordingSink(), never())
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SOURCE_UNREADABLE' });
  const { message } = failure as Error;
  expect(message).toMatch(/no such stream \(404\)/);
  expect(message).not.toMatch(/s3cret|admin|\n/);
  expect(message.length).toBeLessThan(500);
});

it('a frame that the sink still holds when the source is stopped is not written to later', async () => {
  const stop = new AbortController();
  let release: (() => void) | undefined;
  const frame = new Uint8Array(FRAME_BYTES);
  let reserveCount = 0;
  const sink = {
    reserve: () => {
      reserveCount += 1;
      return frame;
    },
    commit: () => new Promise<void>((resolve) => (release = resolve)),
  };
  const playing = openFake('short-read').play(sink, stop.signal);
  await waitUntil(() => release !== undefined, 30_000, 'the first frame');
  stop.abort();
  await playing;
  release?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(reserveCount).toBe(1);
});

it('the reason is waited for where it comes after the exit', async () => {
  await using dir = await tempDir();
  const script = `#!/bin/sh
if [ "$1" = -version ]; then echo 'ffmpeg version 5.1.9'; exit; fi
(sleep 0.3; echo '[error] Server returned 404 Not Found' >&2) >/dev/null 3>/dev/null &
exit 1
`;
  await writeFile(dir.at('ffmpeg'), script, { mode: 0o755 });
  const ffmpeg = new FfmpegBinary({ path: dir.at('ffmpeg') });
  const playing = openSource({ url: URL_WITH_PASSWORD, ffmpeg }).play(new RecordingSink(), never());
  await expect(playing).rejects.toThrow(/no such stream \(404\)/);
});

it('this process takes its children with it', async () => {
  const before = new Set(process.listeners('exit'));
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const unguard = guardChild(child);
  const exited = once(child, 'exit');
  for (const listener of process.listeners('exit')) if (!before.has(listener)) listener(0);
  expect(await exited).toEqual([null, 'SIGKILL']);
  unguard();
  expect(new Set(process.listeners('exit'))).toEqual(before);
});

it.each([
  ['/nowhere/ffmpeg', /"\/nowhere\/ffmpeg"\) was not found; .*install it with: \S+/],
  ['/', /may not be executed/],
  ['/bin/echo', /is not ffmpeg/],
  ['/bin/false', /does not run/],
])(
  'the wrong executable %s is named, with the command that installs ffmpeg',
  async (path, text) => {
    const ffmpeg = new FfmpegBinary({ path });
    const playing = openSource({ url: URL_WITH_PASSWORD, ffmpeg }).play(
      new RecordingSink(),
      never(),
    );
    await expect(playing).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
      message: expect.stringMatching(text) as string,
    });
  },
);
