import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import {
  FlowKernel,
  GRID_SIDE,
  RAW_CHANNELS,
  compileFlowModule,
} from '../../../src/motion/flow-kernel.ts';
import { movingPattern, readGoldens } from './motion-goldens.ts';

const wasm = compileFlowModule(
  readFileSync(new URL('../../../assets/motion/flow.wasm', import.meta.url)),
);
const CELLS = GRID_SIDE * GRID_SIDE;

/** End-point errors of the cells away from the frame's border, where the other frame has the same content. */
function errors(
  cells: Float32Array,
  expected: (component: 0 | 1, cell: number) => number,
): number[] {
  const found: number[] = [];
  for (let cell = 0; cell < CELLS; cell++) {
    const x = cell % GRID_SIDE;
    const y = Math.floor(cell / GRID_SIDE);
    if (Math.min(x, y) < 2 || Math.max(x, y) > GRID_SIDE - 3) continue;
    const u = cells[cell * RAW_CHANNELS + 2]! - expected(0, cell);
    const v = cells[cell * RAW_CHANNELS + 3]! - expected(1, cell);
    found.push(Math.hypot(u, v));
  }
  return found;
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe('flow of a pattern that moves as a whole', () => {
  it.each([
    [0.3, 0],
    [0, -0.45],
    [1.25, -0.75],
    [-2.5, 1.6],
    [5.3, 4.1],
  ])('(%f, %f) pixels is found to a few hundredths', (dx, dy) => {
    const pixels = movingPattern(dx, dy, 2);
    const kernel = new FlowKernel(wasm);
    kernel.start(pixels, 0);
    kernel.step(pixels, 1);
    // The work limit leaves out some of a frame that changes everywhere: judge those cells that were computed.
    const computed = errors(kernel.cells, (c) => (c === 0 ? dx : dy)).filter(
      (e) => Math.abs(e - Math.hypot(dx, dy)) > 1e-6,
    );
    expect(computed.length).toBeGreaterThan(150);
    expect(median(computed)).toBeLessThan(0.04);
  });
});

describe('a pair without change', () => {
  it('gives exactly zero everywhere', () => {
    const pixels = movingPattern(0, 0, 2);
    const kernel = new FlowKernel(wasm);
    kernel.start(pixels, 0);
    expect(kernel.step(pixels, 1)).toBe(0);
    expect(kernel.cells.every((value) => value === 0)).toBe(true);
    expect(kernel.denseFlow().every((value) => value === 0)).toBe(true);
  });

  it('forgets the motion of the pair before', () => {
    const pixels = new Uint8Array(3 * FRAME_BYTES);
    pixels.set(movingPattern(1.5, 0.5, 2));
    pixels.copyWithin(2 * FRAME_BYTES, FRAME_BYTES, 2 * FRAME_BYTES);
    const kernel = new FlowKernel(wasm);
    kernel.start(pixels, 0);
    expect(kernel.step(pixels, 1)).toBeGreaterThan(0);
    kernel.step(pixels, 2);
    expect(kernel.denseFlow().every((value) => value === 0)).toBe(true);
  });
});

describe('goldens', () => {
  for (const pair of readGoldens()) {
    it(`${pair.name}: half of the computed cells within 0.05 px of the truth and of OpenCV's DIS`, () => {
      const kernel = new FlowKernel(wasm);
      kernel.start(pair.pixels, 0);
      kernel.step(pair.pixels, 1);
      const magnitude = errors(kernel.cells, () => 0);
      const computed = (values: Float32Array): number[] =>
        errors(kernel.cells, (c, cell) => values[c * CELLS + cell]!).filter(
          (_, i) => magnitude[i]! > 0,
        );
      expect(median(computed(pair.truth))).toBeLessThan(0.05);
      expect(median(computed(pair.opencv))).toBeLessThan(0.05);
      expect(kernel.cells.every(Number.isFinite)).toBe(true);
    });
  }

  it('follows the discs and keeps the ground beside them still', () => {
    const pair = readGoldens().at(-1)!;
    const kernel = new FlowKernel(wasm);
    kernel.start(pair.pixels, 0);
    kernel.step(pair.pixels, 1);
    const speeds = errors(
      new Float32Array(CELLS * RAW_CHANNELS),
      (c, cell) => pair.truth[c * CELLS + cell]!,
    );
    const moving = errors(kernel.cells, (c, cell) => pair.truth[c * CELLS + cell]!).filter(
      (_, i) => speeds[i]! > 0.5,
    );
    expect(moving.length).toBeGreaterThan(60);
    expect(median(moving)).toBeLessThan(0.1);
    expect(mean(errors(kernel.cells, (c, cell) => pair.truth[c * CELLS + cell]!))).toBeLessThan(
      0.12,
    );
  });
});
