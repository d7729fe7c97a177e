// Colour and infrared told of what cameras gave.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { ColourVariety } from '../../../src/ingest/colour-variety.ts';

const DATA = join(import.meta.dirname, '../../../../shared/data');
const FRAMES = 20;

/** Some frames, a second apart. */
const framesOf = (path: string): readonly Uint8Array[] => {
  const filter = `fps=1,scale=${FRAME_SIDE}:${FRAME_SIDE}:flags=bicubic`;
  const output = ['-frames:v', String(FRAMES), '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
  const pixels = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-vf', filter, ...output], {
    maxBuffer: 2 * FRAMES * FRAME_BYTES,
  });
  return Array.from({ length: Math.floor(pixels.length / FRAME_BYTES) }, (_, frame) =>
    pixels.subarray(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES),
  );
};

const varieties = (clip: string): readonly number[] => {
  const variety = new ColourVariety();
  return framesOf(join(DATA, clip)).flatMap((pixels) => variety.of(pixels) ?? []);
};

const isThere = (clip: string): boolean => existsSync(join(DATA, clip));

describe('by day', () => {
  const clips = [
    'clips/car-detection.mp4',
    'clips/vtest-640x480.mp4',
    'clips/one-by-one-person-detection.mp4',
    'scenes/night_alley.mp4',
    'scenes/mall.mp4',
  ];
  test.skipIf(!isThere(clips[0] ?? '')).each(clips)(
    '%s has colour',
    { timeout: 60_000 },
    (clip) => {
      expect(Math.min(...varieties(clip))).toBeGreaterThan(1.25);
    },
  );
});

describe('at night', () => {
  const clips = ['scenes/tamper_hand.mp4', 'scenes/thermal_noise01.mp4', 'scenes/svcl_rain.mp4'];
  test.skipIf(!isThere(clips[0] ?? '')).each(clips)('%s has none', { timeout: 60_000 }, (clip) => {
    expect(Math.max(...varieties(clip))).toBeLessThan(0.8);
  });
});
