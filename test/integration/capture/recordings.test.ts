// Files and folders through the real ffmpeg: which frames come, with which times, and what is said
// when they can't be played.
import { copyFile, mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { PatchwatchError } from '../../../src/core/errors.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { childPids } from './child-pids.ts';
import { H264, makeClip, never, openSource, RAMP, runFfmpeg } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

const everyMs = (count: number, stepMs: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(index * stepMs));

const failureOf = async (playing: Promise<void>): Promise<PatchwatchError> => {
  const error: unknown = await playing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PatchwatchError);
  const failure = error as PatchwatchError;
  expect(failure.message).not.toMatch(/\n/);
  return failure;
};

describe('a clip of 30 frames at 10 frames/s', () => {
  const play = async (fps: number | 'all'): Promise<RecordingSink> => {
    await using dir = await tempDir();
    await makeClip(dir.at('clip.mp4'), 3);
    const sink = new RecordingSink();
    await openSource({ url: dir.at('clip.mp4'), fps }).play(sink, never());
    return sink;
  };

  it('gives every frame with its time, brighter from one to the next', async () => {
    const sink = await play('all');
    expect(sink.mediaTimesMs).toEqual(everyMs(30, 100));
    expect(sink.means).toEqual([...sink.means].sort((a, b) => a - b));
    expect(new Set(sink.means).size).toBe(30);
  });

  it('sampled at 5 frames/s gives every other frame', async () => {
    expect((await play(5)).mediaTimesMs).toEqual(everyMs(15, 200));
  });

  it('sampled at 3 frames/s gives 9 frames, each the first at or just before its due time', async () => {
    expect((await play(3)).mediaTimesMs).toEqual([0, 300, 600, 1000, 1300, 1600, 2000, 2300, 2600]);
  });

  it('sampled faster than it is gives what there is', async () => {
    expect((await play(25)).mediaTimesMs).toEqual(everyMs(30, 100));
  });
});

describe('files', () => {
  it('invents no frame in a gap, and goes on sampling after it', async () => {
    await using dir = await tempDir();
    const gap = `${RAMP},select='lt(t,1)+gte(t,8)'`;
    const path = dir.at('gap.mkv');
    await runFfmpeg('-f', 'lavfi', '-i', gap, '-t', '9', '-vsync', 'passthrough', ...H264, path);
    const sink = new RecordingSink();
    await openSource({ url: path, fps: 5 }).play(sink, never());
    expect(sink.mediaTimesMs).toEqual([
      ...everyMs(5, 200),
      ...everyMs(5, 200).map((t) => 8000 + t),
    ]);
  });

  it('loops without losing a frame, media time going on, until aborted', async () => {
    await using dir = await tempDir();
    await makeClip(dir.at('clip.mp4'), 1);
    const stop = new AbortController();
    const sink = new RecordingSink({
      onFrame: (count) => (count >= 25 ? stop.abort() : undefined),
    });
    await openSource({ url: dir.at('clip.mp4'), loop: true }).play(sink, stop.signal);
    expect(sink.mediaTimesMs.slice(0, 25)).toEqual(everyMs(25, 100));
  });

  it('paced in real time, takes about as long as the clip', async () => {
    await using dir = await tempDir();
    await makeClip(dir.at('clip.mp4'), 3);
    const sink = new RecordingSink();
    await openSource({ url: dir.at('clip.mp4'), realtime: true }).play(sink, never());
    const arrivals = sink.times.map((time) => time.capturedAtMs);
    expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(1500);
  });

  it('waits while the sink holds it back, and loses nothing', async () => {
    await using dir = await tempDir();
    await makeClip(dir.at('clip.mp4'), 3);
    let heldCount = 0;
    const sink = new RecordingSink({
      onFrame: async () => {
        heldCount += 1;
        expect(heldCount).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        heldCount -= 1;
      },
    });
    await openSource({ url: dir.at('clip.mp4') }).play(sink, never());
    expect(sink.mediaTimesMs).toEqual(everyMs(30, 100));
  });

  it("rejects with the sink's own error", async () => {
    await using dir = await tempDir();
    await makeClip(dir.at('clip.mp4'), 1);
    const full = new Error('full');
    const sink = new RecordingSink({ onFrame: () => Promise.reject(full) });
    await expect(openSource({ url: dir.at('clip.mp4') }).play(sink, never())).rejects.toBe(full);
  });

  it('plays a path with spaces, quotes, colons and a leading dash', async () => {
    await using dir = await tempDir();
    await makeClip(dir.at('clip.mp4'), 1);
    const odd = dir.at(`-a 'b' : "c" %d é.mp4`);
    await copyFile(dir.at('clip.mp4'), odd);
    const sink = new RecordingSink();
    await openSource({ url: odd }).play(sink, never());
    expect(sink.times).toHaveLength(10);
  });
});

describe('folders of frames', () => {
  const makeFrames = async (folder: string, name: string, count: number): Promise<void> => {
    await mkdir(folder, { recursive: true });
    await runFfmpeg(
      ...['-f', 'lavfi', '-i', RAMP, '-frames:v', String(count)],
      ...['-start_number', '1', `${folder}/${name}`],
    );
  };

  it('play in natural order at their rate', async () => {
    await using dir = await tempDir();
    await makeFrames(dir.at('it’s'), 'frame%d.jpg', 12);
    await writeFile(dir.at('it’s', 'notes.txt'), 'not a frame');
    const sink = new RecordingSink();
    await openSource({ url: dir.at('it’s'), folderFps: 3 }).play(sink, never());
    expect(sink.mediaTimesMs).toEqual(everyMs(12, 1000 / 3));
    expect(sink.means).toEqual([...sink.means].sort((a, b) => a - b));
  });

  it("play whatever the frames' sizes and quotes in their names", async () => {
    await using dir = await tempDir();
    await makeFrames(dir.at('frames'), "o'k%d.png", 4);
    await runFfmpeg(
      ...['-f', 'lavfi', '-i', 'color=c=white:s=64x48', '-frames:v', '1'],
      dir.at('frames', "o'k5.png"),
    );
    const sink = new RecordingSink();
    await openSource({ url: dir.at('frames') }).play(sink, never());
    expect(sink.mediaTimesMs).toEqual(everyMs(5, 100));
  });

  it('are sampled like a clip, and loop', async () => {
    await using dir = await tempDir();
    await makeFrames(dir.at('frames'), '%03d.png', 10);
    const stop = new AbortController();
    const sink = new RecordingSink({ onFrame: (count) => (count >= 8 ? stop.abort() : undefined) });
    await openSource({ url: dir.at('frames'), fps: 5, loop: true }).play(sink, stop.signal);
    expect(sink.mediaTimesMs.slice(0, 8)).toEqual([...everyMs(8, 200)]);
  });

  it.each([
    ['an empty folder', [], /holds no frames/],
    ['mixed formats', ['a.jpg', 'b.png'], /mixes jpeg and png/],
    ['a line break in a name', ['a\nb.jpg'], /holds no frames/],
  ])('say what is wrong with %s', async (_, names, message) => {
    await using dir = await tempDir();
    for (const name of names) {
      const start = name.endsWith('.png') ? [0x89, 0x50, 0x4e, 0x47] : [0xff, 0xd8];
      await writeFile(dir.at(name), Buffer.from(start));
    }
    const failure = await failureOf(
      openSource({ url: dir.path }).play(new RecordingSink(), never()),
    );
    expect(failure.code).toBe('SOURCE_UNREADABLE');
    expect(failure.message).toMatch(message);
  });
});

describe('what can not be played', () => {
  it('a missing file', async () => {
    const failure = await failureOf(
      openSource({ url: '/nowhere/clip.mp4' }).play(new RecordingSink(), never()),
    );
    expect(failure.code).toBe('SOURCE_MISSING');
    expect(failure.message).toBe(
      'cannot play /nowhere/clip.mp4: there is no such file or folder; check the path',
    );
  });

  it('a file without its end', async () => {
    await using dir = await tempDir();
    const path = dir.at('clip.mp4');
    await makeClip(path, 3);
    await truncate(path, (await stat(path)).size / 2);
    const failure = await failureOf(openSource({ url: path }).play(new RecordingSink(), never()));
    expect(failure.code).toBe('SOURCE_UNREADABLE');
    expect(failure.message).toMatch(/truncated or still being written/);
  });

  it('a file whose end is missing but whose index is there gives the frames it has', async () => {
    await using dir = await tempDir();
    const path = dir.at('clip.mp4');
    await makeClip(path, 3, '-movflags', '+faststart');
    await truncate(path, Math.floor((await stat(path)).size * 0.8));
    const sink = new RecordingSink();
    await openSource({ url: path }).play(sink, never());
    expect(sink.times.length).toBeGreaterThan(5);
    expect(sink.times.length).toBeLessThan(30);
  });

  it('a text file', async () => {
    await using dir = await tempDir();
    await writeFile(dir.at('notes.mp4'), 'this is no video\n'.repeat(500));
    const failure = await failureOf(
      openSource({ url: dir.at('notes.mp4') }).play(new RecordingSink(), never()),
    );
    expect(failure.code).toBe('SOURCE_UNREADABLE');
    expect(failure.message).toMatch(/not a video|truncated/);
  });

  it('an empty file', async () => {
    await using dir = await tempDir();
    await writeFile(dir.at('empty.mp4'), '');
    const failure = await failureOf(
      openSource({ url: dir.at('empty.mp4') }).play(new RecordingSink(), never()),
    );
    expect(failure.code).toBe('SOURCE_UNREADABLE');
  });

  it('sound alone', async () => {
    await using dir = await tempDir();
    await runFfmpeg('-f', 'lavfi', '-i', 'sine=d=1', dir.at('sound.wav'));
    const failure = await failureOf(
      openSource({ url: dir.at('sound.wav') }).play(new RecordingSink(), never()),
    );
    expect(failure.message).toMatch(/there is no video in it/);
  });

  it('a device that is not there', async () => {
    const failure = await failureOf(
      openSource({ url: '/dev/video99' }).play(new RecordingSink(), never()),
    );
    expect(failure.code).toBe('SOURCE_UNREADABLE');
    expect(failure.message).toMatch(/no such file or device/);
  });
});

it('resolves at once when told to stop in the middle of a clip', async () => {
  await using dir = await tempDir();
  await makeClip(dir.at('clip.mp4'), 3);
  const stop = new AbortController();
  const sink = new RecordingSink({ onFrame: () => new Promise(() => undefined) });
  const playing = openSource({ url: dir.at('clip.mp4') }).play(sink, stop.signal);
  await waitUntil(() => sink.times.length === 1, 10_000, 'the first frame');
  stop.abort();
  await playing;
  expect(sink.times).toHaveLength(1);
});
