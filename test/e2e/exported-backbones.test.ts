// Every architecture of the exporter, with random weights: equal to PyTorch's own network, importable, and good
// for `evaluate`. Python needs tools/requirements.txt; PATCHWATCH_PYTHON names it.
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { makeMvtec } from '../support/made-mvtec.ts';
import { ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const python = process.env.PATCHWATCH_PYTHON;

const hasPackages = ((): boolean => {
  if (python === undefined) return false;
  try {
    execFileSync(python, ['-c', 'import torch, torchvision, timm, onnx, onnxruntime'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
})();

/** Largest difference allowed, as a fraction of a stage's root mean square. */
const TOLERANCE = 1e-3;

const ARCHITECTURES = [
  { architecture: 'efficientnet-lite0', name: 'lite0-random', dimensions: 176 },
  { architecture: 'resnet18', name: 'resnet18', dimensions: 448 },
  { architecture: 'wide-resnet50-2', name: 'wide-resnet50-2', dimensions: 1792 },
  {
    architecture: 'efficientnet-b5',
    name: 'efficientnet-b5',
    dimensions: 392,
    // Untrained, it answers the made pictures with values so large that the paper's ε is lost in their rounding.
    profiles: ['surveillance'],
  },
  { architecture: 'efficientnet-b5', name: 'b5-of-timm', variant: 'efficientnet_b5' },
  { architecture: 'efficientnet-b5', name: 'b5-of-torchvision', variant: 'torchvision' },
];

const exported = async (folder: string, args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    python ?? '',
    [join(ROOT, 'tools/export_backbone.py'), '--out', folder, '--check', ...args],
    { maxBuffer: 1e8 },
  );
  return stdout;
};

describe.skipIf(!hasPackages)('exported backbones (PATCHWATCH_PYTHON with torch, timm)', () => {
  test.each(ARCHITECTURES)(
    '$name',
    async ({ architecture, name, variant, dimensions, profiles = ['paper', 'surveillance'] }) => {
      await using folder = await tempDir();
      const env = { PATCHWATCH_BACKBONES: folder.at('installed') };
      const choice = variant === undefined ? [] : ['--variant', variant];
      const output = await exported(folder.at('exported'), [
        ...['--architecture', architecture, '--random-weights', '3', '--name', name, ...choice],
      ]);
      const differences = [...output.matchAll(/^embed-.*, relative: (.*)$/gm)].flatMap(
        ([, list = '']) => list.split(', ').map(Number),
      );
      expect(differences).toHaveLength(5);
      expect(Math.max(...differences)).toBeLessThanOrEqual(TOLERANCE);
      // Equal to the last bit would mean that the network was compared with itself.
      expect(Math.max(...differences)).toBeGreaterThan(0);

      const imported = await patchwatch(['backbone', 'import', folder.at('exported', name)], {
        env,
      });
      expect(imported.code, imported.stderr).toBe(0);
      if (dimensions === undefined) return;

      await makeMvtec(folder.path);
      const set = ['--dataset', 'mvtec', '--root', folder.path, '--category', 'disc', '--json'];
      for (const profile of profiles) {
        const { code, stdout, stderr } = await patchwatch(
          ['evaluate', ...set, '--backbone', name, '--profile', profile],
          { env },
        );
        expect(code, stderr).toBe(0);
        const report = JSON.parse(stdout) as Record<string, unknown>;
        expect(report).toMatchObject({ backbone: name, profile, testFrames: 12 });
        expect(report.frameAuroc).toBeGreaterThan(0.5);
        expect(report.pixelAuroc).toBeGreaterThan(0.5);
      }
    },
  );
});
