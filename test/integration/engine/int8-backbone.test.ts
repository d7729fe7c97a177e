// The backbone in 8-bit integers (tools/quantised_graph.py) stays close to the same backbone in float, also on a frame
// beyond those that told its ranges. What the difference does to accuracy is in docs/benchmarks.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { readBackbone, findGraph } from '../../../src/engine/backbone-catalogue.ts';
import { OnnxEngine } from '../../../src/engine/onnx-engine.ts';
import { decodeSafetensors } from '../../../src/store/safetensors.ts';
import { ROOT } from '../../support/patchwatch.ts';

const ASSETS = join(ROOT, 'assets');
const BACKBONE = 'efficientnet-lite0';
/** Of a channel's own standard deviation, root mean square over all channels: 0.20 and 0.21 were measured. */
const LARGEST_ERROR = 0.25;

const frames = decodeSafetensors(
  readFileSync(join(ROOT, 'test/fixtures/backbone/golden.safetensors')),
).tensors.frames!.bytes;
const plan = {
  backbone: BACKBONE,
  stageCount: 2,
  grid: 32,
  channels: [24, 40].map((count) => Int32Array.from({ length: count }, (_, i) => i)),
};

const engines = {
  float32: new OnnxEngine({ assetsDir: ASSETS, threads: 1, precision: 'float32' }),
  int8: new OnnxEngine({ assetsDir: ASSETS, threads: 1, precision: 'int8' }),
};
afterAll(async () => {
  for (const engine of Object.values(engines)) await engine.close();
});

const embed = async (precision: keyof typeof engines, frame: number): Promise<Float32Array> => {
  const pixels = frames.subarray(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES);
  return (await engines[precision].embed(plan, pixels, 1)).values.slice();
};

const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

/** (channel): values of all patches. */
const byChannel = (values: Float32Array): number[][] =>
  Array.from({ length: 64 }, (_, channel) =>
    Array.from({ length: 1_024 }, (_, patch) => values[patch * 64 + channel]!),
  );

describe('the int8 backbone', () => {
  test.each([0, 1])('is close to the float one, frame %i', async (frame) => {
    const wanted = byChannel(await embed('float32', frame));
    const got = byChannel(await embed('int8', frame));
    const squares = wanted.map((values, channel) => {
      const spread = deviation(values);
      const error = values.map((value, patch) => ((got[channel]![patch]! - value) / spread) ** 2);
      return error.reduce((sum, square) => sum + square, 0) / error.length;
    });
    const error = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThanOrEqual(LARGEST_ERROR);
  });

  test('is taken where there is one, and only there', async () => {
    const backbone = await readBackbone([join(ASSETS, 'backbones')], BACKBONE);
    const cut = (stageCount: number, grid: number) =>
      findGraph(backbone, { stageCount, grid, precision: 'int8' }).precision;
    expect(cut(2, 32)).toBe('int8');
    expect(cut(3, 64)).toBe('float32');
  });
});
