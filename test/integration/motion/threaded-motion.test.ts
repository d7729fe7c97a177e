// Motion on a thread of its own gives what it gives on this one. The thread runs the built module.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { FlowKernel, compileFlowModule } from '../../../src/motion/flow-kernel.ts';
import { MOTION_FRAME_LENGTH, MotionField } from '../../../src/motion/motion-field.ts';
import { ThreadedMotion } from '../../../src/motion/threaded-motion.ts';
import { ROOT } from '../../support/patchwatch.ts';
import { movingPattern } from '../../unit/motion/motion-goldens.ts';

const module = compileFlowModule(readFileSync(join(ROOT, 'assets/motion/flow.wasm')));
const threadPath = join(ROOT, 'dist/motion/motion-thread.js');

const onThisThread = (pixels: Uint8Array, frameCount: number): Float32Array => {
  const out = new Float32Array(frameCount * MOTION_FRAME_LENGTH);
  new MotionField(new FlowKernel(module)).estimate(pixels, frameCount, out);
  return out;
};

describe('ThreadedMotion', () => {
  test('gives what MotionField gives, for runs of any length one after the other', async () => {
    const motion = new ThreadedMotion({ module, threadPath });
    const pixels = movingPattern(1.3, -0.4, 5);
    for (const [first, count] of [
      [0, 1],
      [1, 3],
      [0, 4],
      [2, 2],
    ] as const) {
      const run = pixels.subarray(first * FRAME_BYTES);
      const out = new Float32Array(count * MOTION_FRAME_LENGTH);
      await motion.estimate(run, count, out);
      expect(out).toEqual(onThisThread(run, count));
      expect(out.some((value) => value > 0)).toBe(true);
    }
  });

  test('refuses a second run while one is under way', async () => {
    const motion = new ThreadedMotion({ module, threadPath });
    const pixels = movingPattern(2, 0, 2);
    const out = new Float32Array(MOTION_FRAME_LENGTH);
    const first = motion.estimate(pixels, 1, out);
    await expect(motion.estimate(pixels, 1, out)).rejects.toThrow('being estimated');
    await first;
    expect(out).toEqual(onThisThread(pixels, 1));
  });

  test('a thread that fails is told, and the next run has a new one', async () => {
    const broken = new ThreadedMotion({ module: {}, threadPath });
    const out = new Float32Array(MOTION_FRAME_LENGTH);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(broken.estimate(movingPattern(2, 0, 2), 1, out)).rejects.toThrow();
    }
  });
});
