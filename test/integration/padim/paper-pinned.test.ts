// What `evaluate --profile paper` gives is pinned: made-up pictures, the shipped backbone, the model's arrays and every
// figure. Whoever changes a figure knows that he does: run with PATCHWATCH_PRINT_PINNED=1 to see the new ones.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';

import { openParts } from '../../../src/commands/evaluate/open-method.ts';
import { openDatasets } from '../../../src/commands/evaluate/open-datasets.ts';
import { BATCH_FRAMES } from '../../../src/commands/read-frames.ts';
import type { EvaluateOptions } from '../../../src/commands/evaluate/run-evaluation.ts';
import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { readImageFrames } from '../../../src/images/image-frames.ts';
import { learnDataset } from '../../../src/evaluation/learn-dataset.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { ROOT } from '../../support/patchwatch.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** Waves in a light of their own; pixels, so that no rasteriser has a say in them. */
const picture = (seed: number): Uint8Array => {
  const random = seededRandom(seed);
  const [a, b, light] = [random(), random(), 20 * random()];
  return Uint8Array.from({ length: FRAME_BYTES }, (_, index) => {
    const x = Math.floor(index / 3) % FRAME_SIDE;
    const y = Math.floor(index / (3 * FRAME_SIDE));
    const channel = index % 3;
    const saw = (4 * x + 2 * y * (channel + 1) + 32 * a) % 64;
    const cross = (3 * y - x + 512 + 24 * b) % 48;
    return 60 + light + saw + cross + 8 * random();
  });
};

const SQUARE = { left: 96, top: 144, size: 48 };

const fillSquare = (pixels: Uint8Array, shift: number, value: number): Uint8Array => {
  for (let row = SQUARE.top; row < SQUARE.top + SQUARE.size; row++) {
    const from = (row * FRAME_SIDE + SQUARE.left + shift) * 3;
    pixels.fill(value, from, from + SQUARE.size * 3);
  }
  return pixels;
};

const save = async (pixels: Uint8Array, path: string): Promise<void> => {
  await sharp(pixels, { raw: { width: FRAME_SIDE, height: FRAME_SIDE, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toFile(path);
};

const makeFolder = async (root: string): Promise<void> => {
  for (const part of ['normal', 'test/good', 'test/square', 'ground_truth/square']) {
    await mkdir(`${root}/${part}`, { recursive: true });
  }
  for (let index = 0; index < 12; index++) {
    await save(picture(index), `${root}/normal/${String(index).padStart(2, '0')}.png`);
  }
  for (let index = 0; index < 4; index++) {
    await save(picture(100 + index), `${root}/test/good/${index}.png`);
    // Faint, so that a figure has room to become better or worse.
    const strange = fillSquare(picture(200 + index), 16 * index, 150 - 10 * index);
    await save(strange, `${root}/test/square/${index}.png`);
    const mask = fillSquare(new Uint8Array(FRAME_BYTES), 16 * index, 255);
    await save(mask, `${root}/ground_truth/square/${index}.png`);
  }
};

const options = (root: string): EvaluateOptions => ({
  dataset: 'folder',
  root,
  category: undefined,
  seedCount: 1,
  footage: undefined,
  trainLimit: undefined,
  testLimit: undefined,
  onProgress: () => undefined,
  method: 'padim',
  profile: 'paper',
  backbone: 'efficientnet-lite0',
  change: true,
  motion: true,
  dimensions: undefined,
  reduction: 'random',
  stages: undefined,
  seed: 0,
  appearance: true,
  smoothing: undefined,
  shrinkage: undefined,
  epochs: undefined,
  engine: 'onnx',
  threads: 1,
  precision: 'auto',
});

/** Of many numbers: their size, and their signs and order too. */
const checksums = (values: Float32Array): readonly number[] => {
  let size = 0;
  let order = 0;
  values.forEach((value, index) => {
    size += Math.abs(value);
    order += value * ((index % 9_973) / 9_973);
  });
  return [size / values.length, (size + order) / values.length];
};

/** The built one: it reads pictures on a thread of its own, which runs what was built. */
const { runEvaluation } = (await import(
  join(ROOT, 'dist/commands/evaluate/run-evaluation.js')
)) as typeof import('../../../src/commands/evaluate/run-evaluation.ts');

const folder = await tempDir();
afterAll(() => folder[Symbol.asyncDispose]());
const made = makeFolder(folder.path);

type Figures = Readonly<Record<string, readonly number[]>>;

const MODEL: Figures = {
  mean: [5.208190550582784, 5.291964797772239],
  factor: [0.2384059777978313, 0.27893242195477763],
};
const FIGURES: Figures = {
  scores: [
    237.610962, 202.274948, 191.27713, 200.854507, 840.812927, 846.510925, 772.127686, 819.955078,
  ],
  frameAuroc: [1],
  pixelAuroc: [0.9995935892778435],
  proScore: [0.9986452975930526],
};

/**
 * Processors add up in different orders. What is summed over many values stays within a ten-millionth; a single score,
 * of a hundred dimensions learnt from twelve pictures, does not.
 */
const toleranceOf = (name: string): number => (name === 'scores' ? 2e-4 : 1e-6);

const expectPinned = (got: Figures, pinned: Figures): void => {
  if (process.env.PATCHWATCH_PRINT_PINNED === '1') console.log(JSON.stringify(got));
  expect(Object.keys(got)).toEqual(Object.keys(pinned));
  for (const [name, values] of Object.entries(pinned)) {
    expect(got[name], name).toHaveLength(values.length);
    const errors = values.map((value, index) => Math.abs(got[name]![index]! / value - 1));
    expect(Math.max(...errors), name).toBeLessThan(toleranceOf(name));
  }
};

test('the model: means and factors of every position', async () => {
  await made;
  const setting = options(folder.path);
  const { parts, plans } = await openParts(setting);
  try {
    const [dataset] = await openDatasets(setting);
    const { gaussians, trainFrames } = await learnDataset({
      ...parts,
      plan: plans[0]!,
      clips: dataset!.trainClips,
      footageKind: dataset!.footageKind,
      shrinkage: undefined,
      withAppearance: true,
      batchFrames: BATCH_FRAMES,
      readFrames: ({ footage }, batchFrames) =>
        readImageFrames(footage.kind === 'images' ? footage.paths : [], batchFrames),
      onProgress: () => undefined,
    });
    const { mean, factor, covariance, patchCount, dimensions } = gaussians.appearance;
    expect(trainFrames).toBe(12);
    expect({ covariance, patchCount, dimensions }).toEqual({
      covariance: 'own',
      patchCount: 64 * 64,
      dimensions: 100,
    });
    expectPinned({ mean: checksums(mean), factor: checksums(factor) }, MODEL);
  } finally {
    await parts.engine.close();
  }
});

test('the figures and the score of every frame', async () => {
  await made;
  const scores: number[] = [];
  const { frameAuroc, pixelAuroc, proScore } = await runEvaluation({
    ...options(folder.path),
    observer: { frame: ({ score }) => scores.push(score), pixelCurve: () => undefined },
  });
  const figures = { frameAuroc, pixelAuroc, proScore };
  const pairs = Object.entries(figures).map(([name, value]) => [name, [Number(value)]] as const);
  expectPinned({ scores, ...Object.fromEntries(pairs) }, FIGURES);
});
