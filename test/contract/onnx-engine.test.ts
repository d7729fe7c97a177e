import { join } from 'node:path';

import { expect, test } from 'vitest';

import { silentLogger } from '../../src/core/ports/logger.ts';
import { OnnxEngine } from '../../src/engine/onnx-engine.ts';
import { ROOT } from '../support/patchwatch.ts';
import { engineSuite } from './engine-suite.ts';

const assetsDir = join(ROOT, 'assets');

// One thread, where the reference has two: sums are split differently.
engineSuite(
  'OnnxEngine',
  (backboneFolders) => new OnnxEngine({ assetsDir, backboneFolders, threads: 1 }),
);

test.each(['cuda', 'tensorrt'] as const)(
  'OnnxEngine: without the libraries of %s it scores on the processor and says so once',
  async (device) => {
    const lines: string[] = [];
    const logger = {
      ...silentLogger,
      warn: (message: string, fields: object = {}) =>
        lines.push(`${message} ${JSON.stringify(fields)}`),
    };
    const engine = new OnnxEngine({ assetsDir, threads: 1, device, logger });
    const embedding = {
      patchCount: 1,
      frameCount: 1,
      dimensions: 2,
      values: Float32Array.of(3, 4),
    };
    const [projected, resized] = await Promise.all([
      engine.project(embedding, Float32Array.of(1, 1)),
      engine.resizeMaps(Float32Array.of(2), 1, Float32Array.of(1), 1),
    ]);
    expect(projected.values).toEqual(Float32Array.of(7));
    expect(resized).toEqual(Float32Array.of(2));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`"device":"${device}".*"reason":"[^\\n]+"`));
    await engine.close();
  },
);
