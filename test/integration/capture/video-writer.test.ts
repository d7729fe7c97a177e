// What the overlay's encoder writes, through the real ffmpeg: the file is whole under its name, or not there.
import { mkdir, readdir } from 'node:fs/promises';

import { afterEach, describe, expect, test } from 'vitest';

import { FfmpegBinary } from '../../../src/capture/ffmpeg/ffmpeg-binary.ts';
import { VideoWriter } from '../../../src/capture/video-writer.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { childPids } from './child-pids.ts';
import { ffmpegPath, never, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

const open = async (path: string, ffmpeg = ffmpegPath): Promise<VideoWriter> => {
  const writer = new VideoWriter({ ffmpeg: new FfmpegBinary({ path: ffmpeg }), path, fps: 10 });
  await writer.start();
  return writer;
};

/** Grey frames, brighter from one to the next, all written from the same memory. */
const write = async (writer: VideoWriter, count: number): Promise<void> => {
  const pixels = new Uint8Array(FRAME_BYTES);
  for (let frame = 0; frame < count; frame++) {
    pixels.fill(40 + 4 * frame);
    await writer.write(pixels);
  }
};

describe('VideoWriter', () => {
  test('every frame arrives in order, at its time, in a file that appears when it is finished', async () => {
    await using dir = await tempDir();
    const path = dir.at('overlay.mp4');
    const writer = await open(path);
    await write(writer, 30);
    expect(await readdir(dir.path)).not.toContain('overlay.mp4');
    await writer.finish();
    await writer.discard();
    expect(await readdir(dir.path)).toEqual(['overlay.mp4']);
    const sink = new RecordingSink();
    await openSource({ url: path }).play(sink, never());
    expect(sink.times.map(({ mediaTimeMs }) => mediaTimeMs)).toEqual(
      Array.from({ length: 30 }, (_, frame) => frame * 100),
    );
    sink.means.forEach((mean, frame) => {
      expect(Math.abs(mean - (40 + 4 * frame))).toBeLessThan(2);
    });
  });

  test('discarded, it leaves nothing behind', async () => {
    await using dir = await tempDir();
    const writer = await open(dir.at('overlay.mp4'));
    await write(writer, 3);
    await writer.discard();
    await writer.discard();
    expect(await readdir(dir.path)).toEqual([]);
  });

  test('a folder that is not there is told by its name', async () => {
    await using dir = await tempDir();
    const path = dir.at('missing', 'overlay.mp4');
    const writer = await open(path);
    await expect(
      (async () => {
        await write(writer, 30);
        await writer.finish();
      })(),
    ).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(`can't write ${path} (`) as string,
    });
    await writer.discard();
    expect(await readdir(dir.path)).toEqual([]);
  });

  test('a name that is taken by a folder is told as what it is', async () => {
    await using dir = await tempDir();
    const path = dir.at('overlay.mp4');
    await mkdir(path);
    const writer = await open(path);
    await write(writer, 2);
    await expect(writer.finish()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(`can't write ${path} (EISDIR)`) as string,
    });
    await writer.discard();
    expect(await readdir(dir.path)).toEqual(['overlay.mp4']);
  });

  test('without ffmpeg it does not start', async () => {
    await using dir = await tempDir();
    await expect(open(dir.at('overlay.mp4'), dir.at('no-ffmpeg'))).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
    });
  });
});
