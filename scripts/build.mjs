// Compiles src to dist and copies what is not TypeScript (the live page, the scripts for Redis).
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

rmSync(join(root, 'dist'), { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', root], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
cpSync(join(root, 'src', 'server', 'ui'), join(root, 'dist', 'server', 'ui'), { recursive: true });
cpSync(join(root, 'src', 'redis', 'lua'), join(root, 'dist', 'redis', 'lua'), { recursive: true });
chmodSync(join(root, 'dist', 'main.js'), 0o755);
