// The shipped graphs give what the original network gives in PyTorch (tools/make_backbone_goldens.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import type { EmbeddingPlan } from '../../../src/core/ports/engine.ts';
import { readBackbone, readGraph } from '../../../src/engine/backbone-catalogue.ts';
import { OnnxEngine } from '../../../src/engine/onnx-engine.ts';
import { decodeSafetensors, toFloat32 } from '../../../src/store/safetensors.ts';
import { ROOT } from '../../support/patchwatch.ts';

const ASSETS = join(ROOT, 'assets');
const MAX_DIFFERENCE = 1e-3;
const FRAMES = 2;

const golden = decodeSafetensors(
  readFileSync(join(ROOT, 'test/fixtures/backbone/golden.safetensors')),
);
const kept = JSON.parse(golden.metadata.kept ?? '{}') as Record<string, number[]>;
const engine = new OnnxEngine({ assetsDir: ASSETS, threads: 2 });
afterAll(() => engine.close());

const allChannels = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

/** Largest difference between a stage's kept rows and columns and the embedding, read through `cell`. */
const largestDifference = async (
  plan: EmbeddingPlan,
  stage: number,
  firstChannel: number,
  cell: (row: number, column: number) => number,
): Promise<number> => {
  const frames = golden.tensors.frames!;
  const { values, dimensions } = await engine.embed(plan, frames.bytes, FRAMES);
  const expected = toFloat32(golden.tensors[`stage${stage}`]!);
  const rows = kept[`stage${stage}`]!;
  const channels = plan.channels[stage - 1]!.length;
  let largest = 0;
  let at = 0;
  for (let frame = 0; frame < FRAMES; frame++) {
    for (let channel = 0; channel < channels; channel++) {
      for (const row of rows) {
        for (const column of rows) {
          const patch = cell(row, column);
          const got = values[(patch * FRAMES + frame) * dimensions + firstChannel + channel]!;
          largest = Math.max(largest, Math.abs(got - expected[at++]!));
        }
      }
    }
  }
  expect(at).toBe(expected.length);
  return largest;
};

describe('efficientnet-lite0', () => {
  const paper: EmbeddingPlan = {
    backbone: 'efficientnet-lite0',
    stageCount: 3,
    grid: 64,
    channels: [24, 40, 112].map(allChannels),
  };

  test.each([
    { stage: 1, firstChannel: 0, repeat: 1 },
    { stage: 2, firstChannel: 24, repeat: 2 },
    { stage: 3, firstChannel: 64, repeat: 4 },
  ])('stage $stage on the 64 × 64 grid', async ({ stage, firstChannel, repeat }) => {
    const difference = await largestDifference(
      paper,
      stage,
      firstChannel,
      (row, column) => row * repeat * 64 + column * repeat,
    );
    expect(difference).toBeLessThanOrEqual(MAX_DIFFERENCE);
  });

  test('stage 2 on the 32 × 32 grid, cut after it', async () => {
    const plan = { ...paper, stageCount: 2, grid: 32, channels: [24, 40].map(allChannels) };
    const difference = await largestDifference(plan, 2, 24, (row, column) => row * 32 + column);
    expect(difference).toBeLessThanOrEqual(MAX_DIFFERENCE);
  });

  test('every graph is the file that its provenance speaks of', async () => {
    const backbone = await readBackbone([join(ASSETS, 'backbones')], 'efficientnet-lite0');
    for (const graph of backbone.graphs) {
      expect((await readGraph(graph)).byteLength).toBe(graph.sizeBytes);
    }
  });

  test('a damaged graph is refused', async () => {
    const backbone = await readBackbone([join(ASSETS, 'backbones')], 'efficientnet-lite0');
    const graph = { ...backbone.graphs[0]!, sha256: '0'.repeat(64) };
    await expect(readGraph(graph)).rejects.toThrow(/has sha256 .*, expected 000000000000/);
  });
});
