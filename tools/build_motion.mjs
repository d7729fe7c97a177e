// Builds assets/motion/flow.wasm from src/motion/wasm. The output is committed, and with it the sha256 of its
// sources, which test/repo/motion-asset.test.ts compares: installing Patchwatch needs no compiler.
//   npm install --no-save assemblyscript@0.28.20 && node tools/build_motion.mjs
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'assets', 'motion');

/** @type {{ bytes?: Uint8Array | string }} */
const output = {};
const { error, stderr } = await asc.main(
  [
    ...['src/motion/wasm/flow.ts', '--baseDir', root, '--outFile', 'flow.wasm'],
    ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    ...['--initialMemory', '128', '--maximumMemory', '128'],
  ],
  {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) output.bytes = contents;
    },
  },
);
const binary = output.bytes;
if (error !== null || binary === undefined) {
  console.error(stderr.toString());
  process.exit(70);
}

const sources = join(root, 'src', 'motion', 'wasm');
const hash = createHash('sha256');
for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
const provenance = {
  source: 'src/motion/wasm',
  sourceSha256: hash.digest('hex'),
  compiler: 'assemblyscript 0.28.20',
  licence: 'Apache-2.0',
  sha256: createHash('sha256').update(binary).digest('hex'),
};
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'flow.wasm'), binary);
writeFileSync(join(folder, 'provenance.json'), `${JSON.stringify(provenance, null, 2)}\n`);
console.log(`wrote flow.wasm, ${binary.length} bytes`);
