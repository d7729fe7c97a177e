// Builds assets/motion/flow.wasm and median.wasm from src/motion/wasm. The output is committed, and with it the sha256 of
// its sources, which test/repo/motion-asset.test.ts compares: installing Patchwatch needs no compiler.
//   npm install --no-save assemblyscript@0.28.20 && node tools/build_motion.mjs
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'assets', 'motion');

/** @param {string} name of the module, whose entry is src/motion/wasm/<name>.ts @param {number} pages of 64 kB */
const build = async (name, pages) => {
  /** @type {{ bytes?: Uint8Array | string }} */
  const output = {};
  const { error, stderr } = await asc.main(
    [
      ...[`src/motion/wasm/${name}.ts`, '--baseDir', root, '--outFile', `${name}.wasm`],
      ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
      ...['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`],
    ],
    {
      writeFile: (file, contents) => {
        if (file.endsWith('.wasm')) output.bytes = contents;
      },
    },
  );
  if (error !== null || output.bytes === undefined) {
    console.error(stderr.toString());
    process.exit(70);
  }
  return output.bytes;
};

const flow = await build('flow', 128);
const median = await build('median', 4);
const sources = join(root, 'src', 'motion', 'wasm');
const hash = createHash('sha256');
for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
const provenance = {
  source: 'src/motion/wasm',
  sourceSha256: hash.digest('hex'),
  compiler: 'assemblyscript 0.28.20',
  licence: 'Apache-2.0',
  sha256: createHash('sha256').update(flow).digest('hex'),
  medianSha256: createHash('sha256').update(median).digest('hex'),
};
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'flow.wasm'), flow);
writeFileSync(join(folder, 'median.wasm'), median);
writeFileSync(join(folder, 'provenance.json'), `${JSON.stringify(provenance, null, 2)}\n`);
console.log(`wrote flow.wasm, ${flow.length} bytes, and median.wasm, ${median.length} bytes`);
