// `backbone import`: what is installed can be used; what is not a whole backbone is refused, by file and reason.
import { appendFile, cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { makeMvtec } from '../support/made-mvtec.ts';
import { ROOT, patchwatch, type Outcome } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const SHIPPED = join(ROOT, 'assets/backbones/efficientnet-lite0');

interface Provenance {
  name: string;
  stages: { channels: number }[];
  files: Record<string, { grid: number }>;
}

/** The shipped backbone under another name, its record changed as wished. */
const copyShipped = async (
  folder: string,
  name: string,
  change: (provenance: Provenance) => void = () => undefined,
): Promise<void> => {
  await cp(SHIPPED, folder, { recursive: true });
  const path = join(folder, 'provenance.json');
  const provenance = JSON.parse(await readFile(path, 'utf8')) as Provenance;
  provenance.name = name;
  change(provenance);
  await writeFile(path, JSON.stringify(provenance));
};

test('an imported backbone is listed, found by evaluate, and replaced on request only', async () => {
  await using folder = await tempDir();
  const env = { PATCHWATCH_BACKBONES: folder.at('installed') };
  const run = (...args: string[]): Promise<Outcome> => patchwatch(args, { env });
  await copyShipped(folder.at('lite0-copy'), 'lite0-copy');

  const imported = await run('backbone', 'import', folder.at('lite0-copy'));
  expect(imported.stderr).toBe('');
  expect(imported.stdout).toMatch(/^lite0-copy: imported in .*installed\/lite0-copy\n/);
  expect((await readdir(folder.at('installed', 'lite0-copy'))).sort()).toEqual([
    'LICENSE',
    'embed-s2-g32-int8.onnx',
    'embed-s2-g32.bin',
    'embed-s2-g32.json',
    'embed-s2-g32.onnx',
    'embed-s3-g64.bin',
    'embed-s3-g64.json',
    'embed-s3-g64.onnx',
    'provenance.json',
  ]);
  const listed = await run('backbone', 'list');
  expect(listed.stdout).toMatch(
    /^efficientnet-lite0 \(Apache-2\.0\)$[^]*^lite0-copy \(Apache-2\.0, imported\)$/m,
  );

  await makeMvtec(folder.path);
  const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc', '--json'];
  const own = await run('evaluate', ...set, '--backbone', 'lite0-copy');
  expect(own.code, own.stderr).toBe(0);
  const shipped = await run('evaluate', ...set);
  const figures = ({ stdout }: Outcome): unknown => {
    const { backbone, frameAuroc, pixelAuroc } = JSON.parse(stdout) as Record<string, unknown>;
    return { backbone, frameAuroc, pixelAuroc };
  };
  expect(figures(own)).toEqual({ ...(figures(shipped) as object), backbone: 'lite0-copy' });

  // A file of the backbone stands for its folder.
  const again = await run('backbone', 'import', folder.at('lite0-copy', 'provenance.json'));
  expect(again.stdout).toMatch(/^lite0-copy: already installed in /);
  await copyShipped(folder.at('other'), 'lite0-copy', ({ files }) => {
    files['third.onnx'] = { ...files['embed-s2-g32.onnx']! };
  });
  await cp(folder.at('other', 'embed-s2-g32.onnx'), folder.at('other', 'third.onnx'));
  const refused = await run('backbone', 'import', folder.at('other'));
  expect(refused).toMatchObject({ code: 64, stdout: '' });
  expect(refused.stderr).toMatch(/a backbone "lite0-copy" with other graphs .*--replace/);
  const replaced = await run('backbone', 'import', folder.at('other'), '--replace', '--json');
  expect(JSON.parse(replaced.stdout)).toMatchObject({ state: 'replaced' });
  // Nothing is left behind, not even hidden.
  expect(await readdir(folder.at('installed'))).toEqual(['lite0-copy']);
});

test('what is no whole backbone is refused, and nothing is installed', async () => {
  await using folder = await tempDir();
  const env = { PATCHWATCH_BACKBONES: folder.at('installed') };
  const refusal = async (name: string, code: number): Promise<string> => {
    const outcome = await patchwatch(['backbone', 'import', folder.at(name)], { env });
    expect(outcome.code, outcome.stderr).toBe(code);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    return outcome.stderr;
  };

  await copyShipped(folder.at('damaged'), 'damaged');
  await appendFile(folder.at('damaged', 'embed-s3-g64.onnx'), 'x');
  expect(await refusal('damaged', 69)).toMatch(
    /damaged\/embed-s3-g64\.onnx has sha256 [0-9a-f]{12}…, expected 559d46809497…: copy the folder/,
  );

  await copyShipped(folder.at('channels'), 'channels', ({ stages }) => {
    stages[1]!.channels = 41;
  });
  expect(await refusal('channels', 64)).toMatch(
    /channels\/embed-s3-g64\.onnx: 2 frames of noise gave no embedding \[4096, 2, 24 \+ 41 \+ 112\]: /,
  );

  await copyShipped(folder.at('grid'), 'grid', ({ files }) => {
    files['embed-s2-g32.onnx']!.grid = 16;
  });
  expect(await refusal('grid', 64)).toMatch(
    /provenance\.json: files has no float32 graph with 2 stages on a grid of 32.*surveillance/,
  );

  await copyShipped(folder.at('escape'), 'escape', ({ files }) => {
    files['../embed.onnx'] = { ...files['embed-s2-g32.onnx']! };
  });
  expect(await refusal('escape', 64)).toMatch(/the name of a graph is "\.\.\/embed\.onnx"/);

  await copyShipped(folder.at('named'), '../named');
  expect(await refusal('named', 64)).toMatch(/name is "\.\.\/named", it must be small letters/);

  await copyShipped(folder.at('shipped'), 'efficientnet-lite0');
  expect(await refusal('shipped', 64)).toMatch(/"efficientnet-lite0" ships with .*--name/);

  await writeFile(folder.at('resnet18.pth'), 'weights');
  expect(await refusal('resnet18.pth', 64)).toMatch(/must go through tools\/export_backbone\.py/);
  expect(await refusal('nowhere', 64)).toMatch(/nowhere can't be read \(ENOENT\)/);

  const unfound = await patchwatch(['backbone', 'list'], { env });
  expect(unfound.stdout).not.toMatch(/imported/);
});
