// The check that runs after every test file, on a file that leaves something behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import { expectNoLeaks, heldNow, leaksSince } from '../../support/leak-check.ts';
import { tempDir } from '../../support/temp-dir.ts';

test('nothing new is no leak', async () => {
  await using dir = await tempDir();
  const before = heldNow(dir.path);
  expect(leaksSince(before, heldNow(dir.path))).toEqual([]);
});

test('a server that listens', async () => {
  await using dir = await tempDir();
  const before = heldNow(dir.path);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(leaksSince(before, heldNow(dir.path))).toEqual(['open handle: TCPServerWrap']);
  server.close();
  await expectNoLeaks(before, dir.path, 5_000);
});

test('a timer', async () => {
  await using dir = await tempDir();
  const before = heldNow(dir.path);
  const timer = setInterval(() => undefined, 1_000);
  expect(leaksSince(before, heldNow(dir.path))).toEqual(['open handle: Timeout']);
  clearInterval(timer);
});

test('a child, and one that lost its parent', async () => {
  await using dir = await tempDir();
  const before = heldNow(dir.path);
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  expect(leaksSince(before, heldNow(dir.path)).join()).toMatch(/process: \d+ sleep 1000/);
  child.kill('SIGKILL');
  await once(child, 'exit');

  const env = { ...process.env, TMPDIR: dir.path };
  const parent = spawn('sh', ['-c', 'sleep 2000 & echo $!'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  await once(parent, 'exit');
  const left = leaksSince(before, heldNow(dir.path)).filter((leak) => leak.startsWith('process'));
  expect(left).toEqual([expect.stringMatching(/^process: \d+ sleep 2000/)]);
  process.kill(Number(pid.toString()), 'SIGKILL');
  await expectNoLeaks(before, dir.path, 5_000);
});

test('a listener of the process', async () => {
  await using dir = await tempDir();
  const before = heldNow(dir.path);
  const listener = (): undefined => undefined;
  process.on('SIGUSR2', listener);
  expect(leaksSince(before, heldNow(dir.path))).toContain('listener of process: SIGUSR2');
  process.off('SIGUSR2', listener);
  await expectNoLeaks(before, dir.path, 5_000);
});

test('files of ours, and no others', async () => {
  await using dir = await tempDir();
  const before = heldNow(dir.path);
  await mkdir(dir.at('patchwatch-spool'));
  await writeFile(dir.at('theirs'), '');
  await expect(expectNoLeaks(before, dir.path, 1_000)).rejects.toThrow(
    'left behind:\n  temporary file: patchwatch-spool',
  );
});
