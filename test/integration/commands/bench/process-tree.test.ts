import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { treeUsage } from '../../../../src/commands/bench/process-tree.ts';

const GRANDCHILD =
  'const held = Buffer.alloc(96e6, 1); console.log(held.length); setInterval(() => held, 1e6);';
const CHILD = `
  const { spawn } = require('node:child_process');
  const inner = spawn(process.execPath, ['-e', ${JSON.stringify(GRANDCHILD)}], { stdio: ['ignore', 'inherit', 'inherit'] });
  process.on('SIGTERM', () => { inner.kill(); process.exit(); });
`;

test.skipIf(process.platform !== 'linux')(
  'a child of a child counts, and no longer when it is gone',
  async () => {
    const before = treeUsage(process.pid)!;
    const child = spawn(process.execPath, ['-e', CHILD], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const during = treeUsage(process.pid)!;
    const own = treeUsage(child.pid!)!;
    child.kill();
    await once(child, 'exit');
    expect(own.rssBytes).toBeGreaterThan(96e6);
    expect(own.pssBytes).toBeGreaterThan(96e6);
    expect(own.pssBytes).toBeLessThanOrEqual(own.rssBytes);
    expect(own.cpuSeconds).toBeGreaterThan(0);
    expect(during.rssBytes).toBeGreaterThan(before.rssBytes + 90e6);
    expect(during.cpuSeconds).toBeGreaterThanOrEqual(before.cpuSeconds + own.cpuSeconds);
    expect(treeUsage(child.pid!)).toEqual({ cpuSeconds: 0, rssBytes: 0, pssBytes: 0 });
  },
);
