// Frames of the shipped clip, as a camera gives them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { FRAME_BYTES, FRAME_SIDE } from '../../src/core/frame.ts';
import { ROOT } from './patchwatch.ts';

/** `count` frames from `firstFrame` on, five a second, rgb24. */
export const realFrames = (count: number, firstFrame = 0): Uint8Array => {
  const select = `select='gte(n,${firstFrame})*not(mod(n-${firstFrame},2))'`;
  const { stdout, stderr } = spawnSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', join(ROOT, 'assets/demo/vtest.mp4')],
      ...['-vf', `${select},scale=${FRAME_SIDE}:${FRAME_SIDE}`, '-vsync', 'passthrough'],
      ...['-frames:v', String(count), '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    ],
    { maxBuffer: 2 * count * FRAME_BYTES },
  );
  if (stdout.length !== count * FRAME_BYTES) {
    throw new Error(`ffmpeg gave ${stdout.length} bytes: ${stderr.toString()}`);
  }
  return stdout;
};
