// Runs every test suite and closes with one line that a script can read: `N passed, N failed, N skipped`.
//   node scripts/run-tests.mjs [vitest arguments]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'patchwatch-tests-'));
const report = join(folder, 'report.json');

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    // Half an hour of cameras is asked for by name: `npm run soak`.
    '--project=!soak',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);

/**
 * What is read of vitest's report.
 *
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {readonly { status: string, assertionResults: readonly { status: string, fullName: string }[] }[]} testResults
 */

/** @type {Report} */
let counts = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [] };
try {
  /** @type {unknown} */
  const written = JSON.parse(readFileSync(report, 'utf8'));
  counts = /** @type {Report} */ (written);
} catch {
  // No report means that the runner itself failed: counted as one failure.
}
rmSync(folder, { recursive: true, force: true });

for (const file of counts.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === 'pending' || test.status === 'skipped')
      console.log(`skipped: ${test.fullName}`);
  }
}
const brokenFiles = counts.testResults.filter(
  (file) =>
    file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
).length;
const known = counts.numFailedTests + brokenFiles;
// A runner that fails while no test does lost a process to a crash.
const failed = status !== 0 && known === 0 ? 1 : known;
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`);
process.exit(status === 0 && failed === 0 ? 0 : 1);
