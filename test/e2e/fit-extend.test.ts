// `fit --extend` on the shipped clip, whose last third has people on the lawn: they are told before they are learnt,
// can be left out, and what was learnt before is not learnt again.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');

interface Report {
  readonly trainingFrameCount: number;
  readonly calibration: { readonly repeatsLeftOut: number };
  readonly wouldAlert?: readonly { readonly fromMs: number; readonly toMs: number }[];
}

test('tells what it would have raised, then learns; again without it; never twice', async () => {
  await using folder = await tempDir();
  const config = folder.at('patchwatch.yaml');
  await writeFile(config, `cameras:\n  square: { url: '${CLIP}', fps: 5 }\n`);
  const fit = ['fit', '-c', config, '--camera', 'square'];
  const report = async (...args: string[]): Promise<Report> => {
    const { code, stdout, stderr } = await patchwatch([...fit, ...args, '--json']);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Report;
  };

  const first = await report('--duration', '48s');
  expect(first.wouldAlert).toBeUndefined();
  expect(first.calibration.repeatsLeftOut).toBe(0);

  const extended = await report('--extend');
  expect(extended.calibration.repeatsLeftOut).toBe(first.trainingFrameCount);
  expect(extended.wouldAlert!.length).toBeGreaterThan(0);
  for (const { fromMs, toMs } of extended.wouldAlert!) {
    expect(fromMs).toBeGreaterThanOrEqual(49_000);
    expect(toMs).toBeLessThan(76_000);
  }

  const twice = await patchwatch([...fit, '--extend']);
  expect(twice.code).toBe(64);
  expect(twice.stderr).toMatch(/seen twice counts once\); there is nothing new to learn/);

  const without = await report('--extend', '--again', '--leave-out', '0:49-1:14');
  expect(without.trainingFrameCount).toBeLessThan(extended.trainingFrameCount - 100);
  expect(without.trainingFrameCount).toBeGreaterThan(first.trainingFrameCount);
  // What was left out is not forgotten to be new.
  const back = await report('--extend');
  expect(back.wouldAlert!.length).toBeGreaterThan(0);
});

test('says what does not go together', async () => {
  await using folder = await tempDir();
  const config = folder.at('patchwatch.yaml');
  await writeFile(config, `cameras:\n  live: { url: 'rtsp://127.0.0.1:9/x' }\n`);
  const fit = ['fit', '-c', config, '--camera', 'live', '--duration', '10s'];
  const again = await patchwatch([...fit, '--again']);
  expect(again.code).toBe(64);
  expect(again.stderr).toContain('--again needs --extend');
  const live = await patchwatch([...fit, '--leave-out', '0:01-0:02']);
  expect(live.code).toBe(64);
  expect(live.stderr).toContain('recorded footage');
});
