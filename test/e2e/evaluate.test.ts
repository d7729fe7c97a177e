// `evaluate` on real data, where it is at hand, and on a made-up folder.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const PED2 = join(ROOT, '..', 'shared', 'data', 'ped2');
const CLIP = join(ROOT, 'assets/demo/vtest.mp4');

const KEYS = [
  ...['dataset', 'category', 'method', 'profile', 'backbone', 'engine', 'seed', 'dimensions'],
  ...['trainFrames', 'testFrames', 'frameAuroc', 'pixelAuroc', 'proScore', 'fitSeconds'],
  ...['fitFramesPerSecond', 'scoreFramesPerSecond', 'peakRssBytes', 'modelBytes'],
];

const evaluate = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await patchwatch(['evaluate', ...args, '--json']);
  expect(stderr).not.toMatch(/^patchwatch:/m);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};

describe.skipIf(!existsSync(PED2))('UCSD Ped2 (needs the data set)', () => {
  test('surveillance profile on a part of it', async () => {
    const limits = ['--train-limit', '500', '--test-limit', '400'];
    const report = await evaluate(['--dataset', 'ped2', '--root', PED2, ...limits]);
    expect(Object.keys(report)).toEqual(expect.arrayContaining(KEYS));
    expect(report).toMatchObject({ dataset: 'ped2', trainFrames: 500, testFrames: 400, seed: 0 });
    expect(report.frameAuroc).toBeGreaterThan(0.75);
    expect(report.pixelAuroc).toBeGreaterThan(0.95);
    expect(report.pixelAurocError).toBeLessThanOrEqual(1e-4);
  });
});

test('any folder: images with labels from their folders, without masks', async () => {
  await using folder = await tempDir();
  const frames = async (part: string, filter: string): Promise<void> => {
    await mkdir(folder.at(part), { recursive: true });
    const args = ['-v', 'error', '-i', CLIP, '-vf', filter, '-fps_mode', 'passthrough'];
    execFileSync('ffmpeg', [...args, folder.at(part, '%03d.png')]);
  };
  await frames('normal', "select='lt(n,480)*not(mod(n,6))',scale=320:240");
  await frames('test/good', "select='gt(n,745)*not(mod(n,4))',scale=320:240");
  await frames('test/lawn', "select='between(n,510,560)*not(mod(n,4))',scale=320:240");
  const report = await evaluate(['--dataset', 'folder', '--root', folder.path]);
  expect(report).toMatchObject({ dataset: 'folder', pixelAuroc: null, proScore: null });
  expect(report.frameAuroc).toBeGreaterThan(0.9);
});
