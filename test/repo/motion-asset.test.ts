// The committed WebAssembly modules are what the sources beside them give: without a compiler, their hash tells.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const assets = join(root, 'assets', 'motion');
const sources = join(root, 'src', 'motion', 'wasm');

const sha256 = (parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

test('flow.wasm and median.wasm were built from src/motion/wasm: node tools/build_motion.mjs', () => {
  const names = readdirSync(sources).sort();
  expect(JSON.parse(readFileSync(join(assets, 'provenance.json'), 'utf8'))).toMatchObject({
    sourceSha256: sha256(names.map((name) => readFileSync(join(sources, name)))),
    sha256: sha256([readFileSync(join(assets, 'flow.wasm'))]),
    medianSha256: sha256([readFileSync(join(assets, 'median.wasm'))]),
  });
});
