// SPADE gives what NumPy, SciPy and PyTorch give by comparing all patches with all (tools/make_spade_goldens.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { Embedding, EmbeddingPlan } from '../../../src/core/ports/engine.ts';
import { OnnxEngine } from '../../../src/engine/onnx-engine.ts';
import { OnnxNearest } from '../../../src/engine/onnx-nearest.ts';
import { SpadeScorer } from '../../../src/rivals/spade-scorer.ts';
import { stageRasters } from '../../../src/rivals/stage-rasters.ts';
import { decodeSafetensors, toFloat32 } from '../../../src/store/safetensors.ts';
import { ROOT } from '../../support/patchwatch.ts';

const golden = decodeSafetensors(
  readFileSync(join(ROOT, 'test/fixtures/rivals/spade.safetensors')),
);
const floats = (name: string): Float32Array => toFloat32(golden.tensors[name]!);
const STAGES = ['stage1', 'stage2', 'stage3'].map((name) => {
  const [frameCount = 0, side = 0, , channels = 0] = golden.tensors[name]!.shape;
  return { frameCount, side, channels, values: floats(name) };
});
const GRID = STAGES[0]!.side;
const DIMENSIONS = STAGES.reduce((sum, stage) => sum + stage.channels, 0);
const TEST_FRAMES = 3;
const TRAIN_FRAMES = STAGES[0]!.frameCount - TEST_FRAMES;
const NEIGHBOURS = 12;
/** Of every fourth row and column. */
const MAP_SIDE = 64;

const options = { assetsDir: join(ROOT, 'assets'), threads: 1 };

/** An engine whose backbone is the fixture: a frame's first byte says which of its frames it is. */
class GoldenEngine extends OnnxEngine {
  override embed(_plan: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding> {
    const values = new Float32Array(GRID * GRID * frameCount * DIMENSIONS);
    let to = 0;
    for (let patch = 0; patch < GRID * GRID; patch++) {
      for (let frame = 0; frame < frameCount; frame++) {
        for (const stage of STAGES) {
          const repeat = GRID / stage.side;
          const row = Math.floor(Math.floor(patch / GRID) / repeat);
          const column = Math.floor((patch % GRID) / repeat);
          const index = pixels[frame * FRAME_BYTES]! % stage.frameCount;
          const place = ((index * stage.side + row) * stage.side + column) * stage.channels;
          values.set(stage.values.subarray(place, place + stage.channels), to);
          to += stage.channels;
        }
      }
    }
    return Promise.resolve({
      patchCount: GRID * GRID,
      frameCount,
      dimensions: DIMENSIONS,
      values,
    });
  }
}

const plan: EmbeddingPlan = {
  backbone: 'golden',
  stageCount: STAGES.length,
  grid: GRID,
  channels: STAGES.map(({ channels }) => Int32Array.from({ length: channels }, (_, at) => at)),
};

const framesNamed = (first: number, count: number): Uint8Array => {
  const pixels = new Uint8Array(count * FRAME_BYTES);
  for (let frame = 0; frame < count; frame++) pixels[frame * FRAME_BYTES] = first + frame;
  return pixels;
};

const largestRelativeError = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(got.length).toBe(expected.length);
  return Array.from(expected).reduce(
    (largest, value, index) => Math.max(largest, Math.abs(got[index]! - value) / Math.abs(value)),
    0,
  );
};

describe('SPADE', () => {
  const engine = new GoldenEngine(options);
  const neighbours = new OnnxNearest(options);
  afterAll(async () => {
    await engine.close();
    await neighbours.close();
  });

  test('the rasters of the stages are seen', async () => {
    const rasters = await stageRasters(engine, plan);
    expect(rasters).toEqual(STAGES.map(({ side, channels }) => ({ side, channels })));
  });

  test('image scores and maps', async () => {
    const spade = new SpadeScorer({ engine, neighbours, plan, neighbourCount: NEIGHBOURS });
    for (let first = 0; first < TRAIN_FRAMES; first += 16) {
      const count = Math.min(16, TRAIN_FRAMES - first);
      await spade.addTraining(framesNamed(first, count), count);
    }
    spade.finish();
    const { maps, scores } = await spade.score(framesNamed(TRAIN_FRAMES, TEST_FRAMES), TEST_FRAMES);
    expect(largestRelativeError(scores, floats('scores'))).toBeLessThan(1e-4);
    const side = spade.mapSide;
    const step = side / MAP_SIDE;
    const sampled = Float32Array.from({ length: TEST_FRAMES * MAP_SIDE ** 2 }, (_, at) => {
      const [frame, cell] = [Math.floor(at / MAP_SIDE ** 2), at % MAP_SIDE ** 2];
      const row = Math.floor(cell / MAP_SIDE) * step;
      return maps[(frame * side + row) * side + (cell % MAP_SIDE) * step]!;
    });
    expect(largestRelativeError(sampled, floats('maps'))).toBeLessThan(1e-4);
  });

  test('a shipped backbone: every stage has the raster of its stride', async () => {
    const onnx = new OnnxEngine(options);
    const channels = [24, 40, 112].map((length) => Int32Array.from({ length }, (_, at) => at));
    const lite0 = { backbone: 'efficientnet-lite0', stageCount: 3, grid: 64, channels };
    const rasters = await stageRasters(onnx, lite0);
    expect(rasters.map((raster) => raster.side)).toEqual([64, 32, 16]);
    await onnx.close();
  });
});
