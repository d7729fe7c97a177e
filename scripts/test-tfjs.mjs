// Builds TensorFlow.js where it was not built before, and runs every test that needs it. Ends with the line of
// run-tests.mjs: `N passed, N failed, N skipped`.
//   npm run test:tfjs              @tensorflow/tfjs-node
//   npm run test:tfjs -- --gpu     @tensorflow/tfjs-node-gpu, on the processor where there is no GPU
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { installTfjs } from './install-tfjs.mjs';

const TESTS = [
  'test/contract/tfjs-engine.test.ts',
  'test/integration/rivals/vae-scorer.test.ts',
  'test/e2e/tfjs.test.ts',
];

const place = installTfjs(process.argv.includes('--gpu') ? 'gpu' : 'cpu');
process.stderr.write(`tfjs: testing ${place}\n`);
const { status } = spawnSync(
  process.execPath,
  [join(import.meta.dirname, 'run-tests.mjs'), ...TESTS],
  { stdio: 'inherit', env: { ...process.env, PATCHWATCH_TFJS: place } },
);
process.exit(status ?? 1);
