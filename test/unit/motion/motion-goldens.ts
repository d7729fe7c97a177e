// Reads test/fixtures/motion (made by tools/make_motion_goldens.py).
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';

const folder = new URL('../../fixtures/motion/', import.meta.url);
const CELLS = 32 * 32;

export interface GoldenPair {
  readonly name: string;
  /** Two rgb24 frames, one after the other. */
  readonly pixels: Uint8Array;
  /** (u or v, cell) in pixels. */
  readonly truth: Float32Array;
  readonly opencv: Float32Array;
}

export function readGoldens(): GoldenPair[] {
  const { pairs } = JSON.parse(readFileSync(new URL('goldens.json', folder), 'utf8')) as {
    pairs: string[];
  };
  const grey = gunzipSync(readFileSync(new URL('pairs.u8.gz', folder)));
  const truth = readFloats('truth.f32');
  const opencv = readFloats('opencv.f32');
  return pairs.map((name, index) => ({
    name,
    pixels: rgbFromGrey(
      grey.subarray(index * 2 * FRAME_SIDE ** 2, (index + 1) * 2 * FRAME_SIDE ** 2),
    ),
    truth: truth.subarray(index * 2 * CELLS, (index + 1) * 2 * CELLS),
    opencv: opencv.subarray(index * 2 * CELLS, (index + 1) * 2 * CELLS),
  }));
}

export function rgbFromGrey(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = grey[Math.floor(i / 3)]!;
  return rgb;
}

/** A band-limited pattern shifted by (dx, dy) pixels, as `frames` rgb24 frames moving by that much each. */
export function movingPattern(dx: number, dy: number, frames: number): Uint8Array {
  const grey = new Uint8Array(frames * FRAME_SIDE ** 2);
  for (let i = 0; i < grey.length; i++) {
    const frame = Math.floor(i / FRAME_SIDE ** 2);
    const x = (i % FRAME_SIDE) - dx * frame;
    const y = (Math.floor(i / FRAME_SIDE) % FRAME_SIDE) - dy * frame;
    const waves =
      Math.sin(0.31 * x + 0.12 * y) +
      Math.sin(0.17 * x - 0.41 * y + 1) +
      Math.sin(0.05 * x + 0.26 * y + 2) +
      Math.sin(0.43 * x + 0.38 * y + 3) +
      Math.sin(0.09 * x - 0.07 * y + 4);
    grey[i] = Math.round(128 + 22 * waves);
  }
  const rgb = rgbFromGrey(grey);
  if (rgb.length !== frames * FRAME_BYTES) throw new Error('pattern has the wrong size');
  return rgb;
}

function readFloats(name: string): Float32Array {
  const bytes = readFileSync(new URL(name, folder));
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  );
}
