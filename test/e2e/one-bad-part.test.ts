// One camera's address, backbone or model is missing or does not fit: the others are watched, what failed is told, tried
// again, and heals while the daemon runs.
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { CameraStatus } from '../../src/core/ports/live-state.ts';
import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { freePort } from '../support/redis-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WireClient } from '../support/wire-client.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const SECOND = 1_000;

let folder: TempDir;
let port: number;

const configuration = (more = ''): string => `
dataDir: data
server: { port: ${port} }
log: { format: json }
defaults: { realtime: true, loop: true, fps: 5 }
cameras:
  good: { url: '${CLIP}' }
  misfit: { url: '${CLIP}', profile: paper }
  secret: { urlFile: secret.txt }
  gone: { url: gone.mp4 }
  unset: { url: 'rtsp://user:\${PATCHWATCH_TEST_UNSET}@127.0.0.1/' }
  bare: { url: '${CLIP}', backbone: not-here }
${more}`;

const run = (...args: string[]) => patchwatch(args, { cwd: folder.path });

beforeAll(async () => {
  folder = await tempDir();
  port = await freePort();
  await writeFile(folder.at('patchwatch.yaml'), configuration());
  // Neither the password of one camera nor the backbone of another is asked for.
  const { code, stderr } = await run(
    'fit',
    '--camera',
    'good',
    '--from',
    CLIP,
    '--duration',
    '21s',
  );
  expect(code, stderr).toBe(0);
  const models = folder.at('data', 'models');
  await cp(join(models, 'good'), join(models, 'misfit'), { recursive: true });
}, 120 * SECOND);

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('a command', () => {
  test('that needs an address says which is missing', async () => {
    const { code, stderr } = await run('fit', '--camera', 'secret', '--duration', '21s');
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /^patchwatch: patchwatch\.yaml:\d+:\d+: cameras\.secret\.urlFile: the file "secret\.txt" does not exist; [^\n]+\n$/,
    );
  });

  test('check tells everything that is wrong', async () => {
    const { code, stdout, stderr } = await run('check');
    expect(code).toBe(78);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(stderr).toContain('cameras.secret.urlFile: the file "secret.txt" does not exist');
    expect(stderr).toContain('PATCHWATCH_TEST_UNSET is not set');
    expect(stderr).toContain('was fitted with profile surveillance, configured is paper');
    expect(stderr).toContain('"not-here"');
    expect(stdout).toContain('camera good, scene default: fitted');
    expect(stdout).toContain('camera bare, scene default: not usable:');
    expect(stdout).not.toContain('is right');
  });

  test('check accepts a device that is not there: the processor serves', async () => {
    await writeFile(folder.at('cuda.yaml'), `engine: { device: cuda }\n${configuration()}`);
    const { stdout } = await run('check', '-c', 'cuda.yaml');
    expect(stdout).toContain('camera good, scene default: fitted');
  });

  test('run still refuses what is wrong in itself, and lists it with the rest', async () => {
    await writeFile(folder.at('wrong.yaml'), configuration('  typo: { ulr: x }\n'));
    const { code, stderr } = await run('run', '-c', 'wrong.yaml');
    expect(code).toBe(78);
    expect(stderr).toContain('cameras.typo.ulr');
    expect(stderr).toContain('cameras.secret.urlFile');
    expect(stderr).toContain('PATCHWATCH_TEST_UNSET');
  });
});

const statuses = async (): Promise<ReadonlyMap<string, CameraStatus>> => {
  const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  if (reply === undefined) return new Map();
  const { cameras, isReady } = (await reply.json()) as {
    cameras: CameraStatus[];
    isReady: boolean;
  };
  expect([reply.status, isReady]).toEqual([503, false]);
  return new Map(cameras.map((status) => [status.cameraId, status]));
};
const untilUp = (camera: string): Promise<void> =>
  waitUntil(
    async () => {
      const status = (await statuses()).get(camera);
      return status?.state === 'up' && status.modelVersion !== undefined;
    },
    60 * SECOND,
    `camera ${camera}`,
  );

test('the good ones are watched, and the others heal', async () => {
  await using daemon = new Patchwatch(['run'], { cwd: folder.path });
  const url = `http://127.0.0.1:${port}`;
  await untilUp('good');
  const now = await statuses();
  expect(now.get('misfit')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('was fitted with profile surveillance') as string,
  });
  expect(now.get('secret')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('"secret.txt" does not exist') as string,
  });
  expect(now.get('unset')?.state).toBe('failed');
  expect(now.get('bare')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('"not-here"') as string,
  });
  expect(now.get('gone')).toMatchObject({
    state: 'down',
    reason: expect.stringContaining('there is no such file') as string,
  });
  const metric = await readMetrics(url);
  const failed = (camera: string) => metric('patchwatch_camera_failed', `camera="${camera}"`);
  expect(['good', 'misfit', 'secret', 'unset', 'bare'].map(failed)).toEqual([0, 1, 1, 1, 1]);
  for (const camera of ['misfit', 'bare'])
    expect(daemon.stderr).toMatch(new RegExp(`"level":50,[^\\n]*"camera":"${camera}"`));
  expect(daemon.stderr).toContain('camera has no address: it is not watched');
  // An event, once, however often the model is looked at.
  const refusals = daemon.stderr.match(/^.*"message":"scene refused".*$/gm) ?? [];
  expect(refusals).toEqual([expect.stringMatching(/"camera":"misfit".*"model":"[0-9a-f]{64}"/)]);

  using client = new WireClient(url);
  await cp(CLIP, folder.at('gone.mp4'));
  await writeFile(folder.at('secret.txt'), CLIP);
  const fitted = await run('fit', '--camera', 'misfit', '--from', CLIP, '--duration', '21s');
  expect(fitted.code, fitted.stderr).toBe(0);
  await untilUp('misfit');
  for (const camera of ['secret', 'gone'])
    await waitUntil(
      async () => (await statuses()).get(camera)?.state === 'up',
      60 * SECOND,
      `camera ${camera} to come up`,
    );
  expect(client.states.get('secret')).toContain('failed');
  expect(daemon.stderr).toContain('camera can be scored again');
  daemon.kill('SIGTERM');
  expect((await daemon.outcome()).code).toBe(0);
});
