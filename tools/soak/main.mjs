// `npm run soak`: half an hour of cameras, by test/soak. `npm run soak -- --accelerated`: millions of segments through
// the daemon's queues, loops, readers and logs with a scorer that does nothing, and what its processes keep of them.
// Exit code 1 when anything grows.
//
//   npm run soak -- --accelerated                            everything, some ten minutes
//   npm run soak -- --accelerated --only all-in-one --segments 1000000
//   npm run soak -- --accelerated --only worker --minutes 2  roles run together; one is looked at
//   npm run soak -- --accelerated --only redis --json        all roles but all-in-one
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { runAccelerated } from './accelerated.mjs';

const args = process.argv.slice(2);
const ROOT = join(import.meta.dirname, '..', '..');

if (args.includes('--accelerated')) await runAccelerated();
else {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const command = [vitest, 'run', '--project', 'soak', ...args];
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
