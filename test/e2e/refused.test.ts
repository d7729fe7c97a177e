// What the daemon has to live with, and how it ends when nobody foresaw it: a log that can't be written, and an error
// that nobody caught.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { freePort } from '../support/redis-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const MAIN = join(ROOT, 'dist/main.js');
const SECOND = 1_000;

let folder: TempDir;
let port: number;

const configure = async (format: string): Promise<void> => {
  port = await freePort();
  await writeFile(
    folder.at('patchwatch.yaml'),
    `server: { port: ${port} }
log: { format: ${format} }
cameras:
  yard: { url: '${CLIP}', realtime: true, loop: true }
`,
  );
};

beforeAll(async () => {
  folder = await tempDir();
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const ask = async (path: string): Promise<string> => {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    signal: AbortSignal.timeout(5 * SECOND),
  });
  return reply.text();
};

const isHealthy = (): Promise<boolean> =>
  ask('/healthz').then(
    (body) => body.includes('ok'),
    () => false,
  );

const untilWatching = (): Promise<void> =>
  waitUntil(
    async () => (await isHealthy()) && /camera_up\{[^}]*\} 1/.test(await ask('/metrics')),
    60 * SECOND,
    'the camera',
  );

/** The camera's ffmpeg dies, which is logged. */
const disturb = async (child: ChildProcess): Promise<void> => {
  const ps = spawn('pkill', ['-P', String(child.pid), '-x', 'ffmpeg'], { stdio: 'ignore' });
  await once(ps, 'exit');
  await waitUntil(
    async () => /camera_up\{[^}]*\} 0/.test(await ask('/metrics')),
    20 * SECOND,
    'the camera to go',
  );
};

const stop = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  expect(child.exitCode).toBe(0);
};

describe.each(['json', 'pretty'])('log in %s', (format) => {
  test('a reader that goes away ends nothing', async () => {
    await configure(format);
    const child = spawn(process.execPath, [MAIN, 'run'], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await untilWatching();
    child.stderr.destroy();
    child.stdout.destroy();
    await disturb(child);
    expect(await isHealthy()).toBe(true);
    await stop(child);
  });

  test('a full disk ends nothing, and is counted', async () => {
    await configure(format);
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [MAIN, 'run'], {
      cwd: folder.path,
      stdio: ['ignore', full, full],
    });
    closeSync(full);
    await untilWatching();
    await disturb(child);
    expect(await ask('/metrics')).toMatch(/^patchwatch_log_lines_lost_total \d/m);
    await stop(child);
  });
});

test('what nobody caught is logged, ends the daemon in order, with 70', async () => {
  await configure('json');
  const throwing = `if (process.argv[1].endsWith('main.js')) process.on('SIGUSR2', () => { throw new Error('out of the blue'); });`;
  await using daemon = new Patchwatch(['run'], {
    cwd: folder.path,
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(throwing)}` },
  });
  await untilWatching();
  daemon.kill('SIGUSR2');
  const { code, stderr } = await daemon.outcome();
  expect(code).toBe(70);
  const lines = stderr.trimEnd().split('\n');
  const said = lines.findIndex((line) => line.includes('"message":"internal error: stopping"'));
  expect(JSON.parse(lines[said] ?? '')).toMatchObject({
    level: 50,
    err: { message: 'out of the blue' },
  });
  // Stopped in order, and one line for whoever started it.
  expect(lines.slice(said).some((line) => line.includes('"message":"stopped"'))).toBe(true);
  expect(lines.at(-1)).toMatch(/^patchwatch: internal error, please report it: Error: out of the/);
});

test('few file descriptors, and clients that take them all, end nothing', async () => {
  await configure('json');
  const child = spawn('sh', ['-c', `ulimit -n 64; exec "$0" "${MAIN}" run`, process.execPath], {
    cwd: folder.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  await untilWatching();
  const sockets = Array.from({ length: 200 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  await Promise.all(sockets.slice(0, 16).map((socket) => once(socket, 'connect')));
  // Its ffmpeg ends, and can't be started anew for want of descriptors: another failure that is tried again.
  const ps = spawn('pkill', ['-P', String(child.pid), '-x', 'ffmpeg'], { stdio: 'ignore' });
  await once(ps, 'exit');
  await waitUntil(() => said.includes('"message":"camera is down"'), 20 * SECOND, 'the camera');
  for (const socket of sockets) socket.destroy();
  await untilWatching();
  await stop(child);
  expect(said).not.toMatch(/^\s+at /m);
});

test('a result that can’t be written is a failure', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [MAIN, 'backbone', 'list', '--json'], {
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  await once(child, 'close');
  expect(child.exitCode).toBe(69);
  expect(said).toMatch(/^patchwatch: can't write the output: ENOSPC[^\n]*\n$/);
  expect((await patchwatch(['backbone', 'list', '--json'])).code).toBe(0);
});
