import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { FlowKernel, RAW_CHANNELS, compileFlowModule } from '../../../src/motion/flow-kernel.ts';
import {
  MOTION_CHANNELS,
  MOTION_FRAME_LENGTH,
  MotionField,
} from '../../../src/motion/motion-field.ts';
import { movingPattern } from './motion-goldens.ts';

const wasm = compileFlowModule(
  readFileSync(new URL('../../../assets/motion/flow.wasm', import.meta.url)),
);

describe('MotionField', () => {
  it('does not depend on how frames are grouped into segments', () => {
    const pixels = movingPattern(1.3, -0.4, 5);
    const together = new Float32Array(4 * MOTION_FRAME_LENGTH);
    new MotionField(new FlowKernel(wasm)).estimate(pixels, 4, together);

    const field = new MotionField(new FlowKernel(wasm));
    const apart = new Float32Array(4 * MOTION_FRAME_LENGTH);
    field.estimate(pixels.subarray(2 * FRAME_BYTES), 2, apart.subarray(2 * MOTION_FRAME_LENGTH));
    field.estimate(pixels, 2, apart);
    expect(apart).toEqual(together);
    expect(together.some((value) => value > 0)).toBe(true);
  });

  it('writes the logarithms of mean and maximum magnitude, in that order', () => {
    const pixels = movingPattern(2, 0, 2);
    const kernel = new FlowKernel(wasm);
    const out = new Float32Array(MOTION_FRAME_LENGTH);
    new MotionField(kernel).estimate(pixels, 1, out);
    for (let cell = 0; cell < 1024; cell++) {
      expect(out[cell * MOTION_CHANNELS]).toBeCloseTo(
        Math.log1p(kernel.cells[cell * RAW_CHANNELS]!),
        6,
      );
      expect(out[cell * MOTION_CHANNELS + 1]).toBeCloseTo(
        Math.log1p(kernel.cells[cell * RAW_CHANNELS + 1]!),
        6,
      );
      expect(out[cell * MOTION_CHANNELS + 1]).toBeGreaterThanOrEqual(
        out[cell * MOTION_CHANNELS]! - 1e-6,
      );
    }
  });

  it('refuses buffers that are too short, naming both sizes', () => {
    const field = new MotionField(new FlowKernel(wasm));
    expect(() => {
      field.estimate(new Uint8Array(FRAME_BYTES), 1, new Float32Array(MOTION_FRAME_LENGTH));
    }).toThrow(/need 393216 bytes in and 2048 numbers out/);
  });
});
