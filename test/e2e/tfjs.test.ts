// TensorFlow.js from the command line: scenes learnt and scored with it as with onnxruntime, the VAE trained for real;
// and what is said where it is not installed.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { installedTfjs } from '../support/installed-tfjs.ts';
import { makeMvtec } from '../support/made-mvtec.ts';
import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const isInstalled = installedTfjs('native') !== undefined;

const evaluate = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await patchwatch(['evaluate', ...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};

const cameraConfig = (engine: string): string => `
log: { format: json }
server: { port: 0 }
engine: ${engine}
cameras:
  lawn: { url: '${CLIP}', loop: true }
`;

test('asked for where it is absent: one line with the command, from evaluate, fit and run', async () => {
  await using folder = await tempDir();
  await makeMvtec(folder.path);
  await writeFile(folder.at('patchwatch.yaml'), cameraConfig('{ kind: tfjs }'));
  const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc'];
  const fit = ['fit', '--camera', 'lawn', '--duration', '10s'];
  for (const args of [['evaluate', ...set, '--engine', 'tfjs'], fit, ['run']]) {
    const { code, stderr } = await patchwatch(args, {
      cwd: folder.path,
      env: { PATCHWATCH_TFJS: folder.at('nothing') },
    });
    expect(code, args[0]).toBe(69);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^patchwatch: TensorFlow\.js does not load .*: install it with `npm install --no-save --ignore-scripts=false @tensorflow\/tfjs-node@[\d.]+`$/,
    );
  }
});

describe.skipIf(!isInstalled)('with TensorFlow.js (`npm run test:tfjs`)', () => {
  test('evaluate --engine tfjs: the figures of onnxruntime', async () => {
    await using folder = await tempDir();
    await makeMvtec(folder.path);
    const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc'];
    const limits = ['--train-limit', '12', '--test-limit', '8'];
    for (const more of [[], ['--profile', 'paper', '--reduction', 'pca', '--dimensions', '20']]) {
      const expected = await evaluate([...set, ...limits, ...more]);
      const got = await evaluate([...set, ...limits, ...more, '--engine', 'tfjs']);
      expect(got).toMatchObject({
        engine: 'tfjs',
        method: 'padim',
        trainFrames: 12,
        testFrames: 8,
      });
      expect(expected).toMatchObject({ engine: 'onnx' });
      for (const figure of ['frameAuroc', 'pixelAuroc', 'proScore']) {
        expect(Math.abs(Number(got[figure]) - Number(expected[figure])), figure).toBeLessThan(1e-3);
      }
    }
  });

  test('evaluate --method vae trains', { timeout: 600_000 }, async () => {
    await using folder = await tempDir();
    await makeMvtec(folder.path);
    const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc'];
    const short = ['--method', 'vae', '--epochs', '2', '--train-limit', '8'];
    const report = await evaluate([...set, ...short]);
    expect(report).toMatchObject({ method: 'vae', trainFrames: 8, testFrames: 12 });
    for (const figure of ['frameAuroc', 'pixelAuroc', 'proScore']) {
      expect(report[figure]).toBeGreaterThanOrEqual(0);
    }
  });

  test('a daemon scores with it, a scene that onnxruntime learnt in float', async () => {
    await using folder = await tempDir();
    const config = folder.at('patchwatch.yaml');
    await writeFile(config, cameraConfig('{ kind: onnx, precision: float32 }'));
    const fit = ['fit', '--camera', 'lawn', '--duration', '20s'];
    const fitted = await patchwatch(fit, { cwd: folder.path });
    expect(fitted.code, fitted.stderr).toBe(0);
    const scoresWith = async (engine: string): Promise<number[]> => {
      await writeFile(config, cameraConfig(`{ kind: ${engine}, precision: float32 }`));
      const score = ['score', '--camera', 'lawn', '--from', CLIP, '--out', folder.at(engine)];
      const scored = await patchwatch(score, { cwd: folder.path });
      expect(scored.code, scored.stderr).toBe(0);
      const rows = (await readFile(folder.at(engine, 'scores.csv'), 'utf8')).trim().split('\n');
      return rows.slice(1).map((row) => Number(row.split(',')[2]));
    };
    const expected = await scoresWith('onnx');
    const got = await scoresWith('tfjs');
    expect(got).toHaveLength(expected.length);
    const errors = expected.map((value, at) => Math.abs(got[at]! / value - 1));
    expect(Math.max(...errors)).toBeLessThan(1e-3);

    await using daemon = new Patchwatch(['run'], { cwd: folder.path });
    await waitUntil(() => daemon.stderr.includes('"watching"'), 30_000, 'the daemon');
    expect(daemon.stderr).toMatch(/"engine":"tfjs".*"message":"scoring process ready"/);
    const url = /"url":"(http[^"]+)"/.exec(daemon.stderr)?.[1] ?? '';
    await waitUntil(
      async () => (await readMetrics(url))('patchwatch_frames_scored_total', 'camera="lawn"') >= 10,
      60_000,
      'ten frames',
    );
    const value = await readMetrics(url);
    expect(value('patchwatch_scorer_batch_limit_frames')).toBeGreaterThanOrEqual(1);
    expect(value('patchwatch_scorer_measured_frames_per_second')).toBeGreaterThan(0);
  });
});
