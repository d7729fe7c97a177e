// `evaluate` on stills in MVTec's layout: every method, seeds, and the report in a real Chromium.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';

import { makeMvtec } from '../support/made-mvtec.ts';
import { patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHROMIUM = '/usr/bin/chromium';

const evaluate = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await patchwatch(['evaluate', ...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};

test('PaDiM in both profiles, SPADE; and what the VAE needs', async () => {
  await using folder = await tempDir();
  await makeMvtec(folder.path);
  const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc'];
  for (const method of [[], ['--profile', 'paper'], ['--method', 'spade']]) {
    const report = await evaluate([...set, ...method]);
    expect(report).toMatchObject({ dataset: 'mvtec', category: 'disc', testFrames: 12 });
    expect(report.frameAuroc).toBe(1);
    expect(report.pixelAuroc).toBeGreaterThan(0.97);
    expect(report.proScore).toBeGreaterThan(0.9);
  }
  const vae = await patchwatch(['evaluate', ...set, '--method', 'vae'], {
    env: { PATCHWATCH_TFJS: folder.path },
  });
  expect(vae.code).toBe(69);
  expect(vae.stderr.trim().split('\n').at(-1)).toMatch(/^patchwatch: TensorFlow\.js .*npm install/);
});

test('the paper’s ablation: reductions, single stages and sums of stages', async () => {
  await using folder = await tempDir();
  await makeMvtec(folder.path);
  const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc'];
  const paper = [...set, '--profile', 'paper', '--dimensions', '20'];
  const rows: readonly [readonly string[], number][] = [
    [['--reduction', 'pca'], 20],
    [['--reduction', 'semi-orthogonal'], 20],
    [['--reduction', 'none', '--stages', '1,2'], 64],
    [['--stages', '2'], 20],
    [['--stages', '1+2+3'], 60],
  ];
  for (const [flags, dimensions] of rows) {
    const report = await evaluate([...paper, ...flags]);
    expect(report, flags.join(' ')).toMatchObject({ dimensions, frameAuroc: 1 });
    expect(report.pixelAuroc).toBeGreaterThan(0.9);
  }
  const bad = await patchwatch(['evaluate', ...paper, '--stages', '1,4']);
  expect(bad.code).toBe(64);
  expect(bad.stderr).toMatch(/--stages 1,4: expected different numbers from 1 to 3/);
});

test('Rd-MVTec over seeds: the mean, the deviation, and each run', async () => {
  await using folder = await tempDir();
  await makeMvtec(folder.path);
  const set = ['--dataset', 'rd-mvtec', '--root', folder.path, '--category', 'disc'];
  const report = await evaluate([...set, '--seeds', '2', '--seed', '5']);
  const runs = report.runs as { seed: number; pixelAuroc: number }[];
  expect(runs.map(({ seed }) => seed)).toEqual([5, 6]);
  expect(report.pixelAuroc).toBeCloseTo((runs[0]!.pixelAuroc + runs[1]!.pixelAuroc) / 2, 9);
  expect(report.pixelAurocDeviation).toBeGreaterThan(0);
});

test.skipIf(!existsSync(CHROMIUM))('the report opens by itself (needs Chromium)', async () => {
  await using folder = await tempDir();
  await makeMvtec(folder.path);
  const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc'];
  await evaluate([...set, '--report', folder.at('report')]);
  await using browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => problems.push(message.text()));
  page.on('request', (request) => {
    if (!/^(?:file|data):/.test(request.url())) problems.push(request.url());
  });
  await page.goto(pathToFileURL(folder.at('report', 'index.html')).href);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('padim on mvtec/disc');
  expect(await page.getByRole('img', { name: 'ROC curve' }).count()).toBe(2);
  const loaded = await page
    .locator('.examples img')
    .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.every((width) => width === 256)).toBe(true);
  expect(problems).toEqual([]);
});
