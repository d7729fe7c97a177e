// Bad configuration and bad input: one line each, with place and remedy, the right exit code, no stack trace.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROOT, patchwatch } from '../support/patchwatch.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
let folder = '';
let busy: Server;
let busyPort = 0;

const write = (name: string, text: string | Buffer): Promise<void> =>
  writeFile(join(folder, name), text);

const config = (camera: string, rest = ''): string => `cameras:\n  gate:\n${camera}\n${rest}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchwatch-bad-'));
  busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  busyPort = (busy.address() as AddressInfo).port;
  await write(
    'good.yaml',
    config(`    url: ${CLIP}`, 'log: { level: error }\nserver: { port: 0 }'),
  );
  await write(
    'no-redis.yaml',
    config(
      `    url: ${CLIP}`,
      'queue: { kind: bullmq, redis: { url: "redis://user:secret99@127.0.0.1:1" } }',
    ),
  );
  await write('unknown-key.yaml', config(`    url: ${CLIP}\n    fsp: 5`));
  await write('bad-value.yaml', config(`    url: ${CLIP}\n    fps: fast`));
  await write('bad-duration.yaml', config(`    url: ${CLIP}\n    maxLatency: 5 parsecs`));
  await write('syntax.yaml', 'cameras: [');
  await write('empty.yaml', '');
  await write('no-cameras.yaml', 'cameras: {}');
  await write('env.yaml', config('    url: rtsp://u:${NOT_SET_ANYWHERE}@127.0.0.1/x'));
  await write('exposed.yaml', config(`    url: ${CLIP}`, 'server: { host: 0.0.0.0 }'));
  await write('busy.yaml', config(`    url: ${CLIP}`, `server: { port: ${busyPort} }`));
  await write('scheme.yaml', config('    url: ftp://127.0.0.1/x'));
  await write('missing-clip.yaml', config('    url: ./not-there.mp4'));
  await write('refused.yaml', config('    url: rtsp://viewer:secret99@127.0.0.1:1/x'));
  await write(
    'scenes.yaml',
    config(`    url: ${CLIP}\n    scenes: { day: { light: color }, night: {} }`),
  );
  await write('no-ffmpeg.yaml', config(`    url: ${CLIP}`, 'ffmpeg: { path: ./no-such-ffmpeg }'));
  await write('backbone.yaml', config(`    url: ${CLIP}\n    backbone: resnet9000`));
  await write('text.mp4', 'this is no video\n'.repeat(100));
  const clip = await readFile(CLIP);
  await write('truncated.mp4', clip.subarray(0, 40_000));
  await mkdir(join(folder, 'no-frames'));
});

afterAll(async () => {
  busy.close();
  await rm(folder, { recursive: true, force: true });
});

const fit = (name: string, ...more: string[]): string[] => [
  'fit',
  '-c',
  name,
  '--camera',
  'gate',
  ...more,
];

const CASES: readonly { name: string; args: string[]; code: number; says: RegExp }[] = [
  { name: 'no such command', args: ['watch'], code: 64, says: /unknown command 'watch'/ },
  {
    name: 'a role without Redis',
    args: ['run', '-c', 'good.yaml', '--role', 'worker'],
    code: 64,
    says: /--role worker: .*good\.yaml has queue\.kind memory.*set queue\.kind: bullmq/,
  },
  {
    name: 'no such role',
    args: ['run', '-c', 'good.yaml', '--role', 'boss'],
    code: 64,
    says: /Allowed choices are all, ingest, worker, gateway/,
  },
  {
    name: 'cameras for a role that captures none',
    args: ['run', '-c', 'no-redis.yaml', '--role', 'worker', '--cameras', 'gate'],
    code: 64,
    says: /--cameras: only with --role ingest/,
  },
  {
    name: 'an unknown camera for ingest',
    args: ['run', '-c', 'no-redis.yaml', '--role', 'ingest', '--cameras', 'dock'],
    code: 64,
    says: /no camera "dock" in .*; there are: gate/,
  },
  {
    name: 'metrics beside the gateway’s own',
    args: ['run', '-c', 'no-redis.yaml', '--role', 'gateway', '--metrics-port', '9100'],
    code: 64,
    says: /--metrics-port: only with --role ingest or worker/,
  },
  {
    name: 'a Redis that is not there',
    args: ['run', '-c', 'no-redis.yaml', '--role', 'worker'],
    code: 69,
    says: /no use of Redis at redis:\/\/\*\*\*@127\.0\.0\.1:1: .*check queue\.redis/,
  },
  { name: 'unknown option', args: ['run', '--fast'], code: 64, says: /unknown option '--fast'/ },
  { name: 'missing option', args: ['fit', '-c', 'good.yaml'], code: 64, says: /--camera <id>/ },
  {
    name: 'bad option value',
    args: fit('good.yaml', '--duration', 'long'),
    code: 64,
    says: /such as 90s/,
  },
  {
    name: 'missing configuration',
    args: ['check', '-c', 'none.yaml'],
    code: 78,
    says: /none\.yaml/,
  },
  {
    name: 'YAML syntax',
    args: ['check', '-c', 'syntax.yaml'],
    code: 78,
    says: /syntax\.yaml:\d+:\d+: /,
  },
  {
    name: 'empty configuration',
    args: ['check', '-c', 'empty.yaml'],
    code: 78,
    says: /empty\.yaml:1:1: /,
  },
  {
    name: 'no cameras',
    args: ['check', '-c', 'no-cameras.yaml'],
    code: 78,
    says: /no-cameras\.yaml:1:\d+: cameras/,
  },
  {
    name: 'unknown key',
    args: ['check', '-c', 'unknown-key.yaml'],
    code: 78,
    says: /unknown-key\.yaml:4:5: .*fsp.*fps/,
  },
  {
    name: 'bad value',
    args: ['check', '-c', 'bad-value.yaml'],
    code: 78,
    says: /bad-value\.yaml:4:10: .*fast/,
  },
  {
    name: 'bad duration',
    args: ['check', '-c', 'bad-duration.yaml'],
    code: 78,
    says: /:4:17: .*5 parsecs/,
  },
  {
    name: 'unset environment variable',
    args: ['check', '-c', 'env.yaml'],
    code: 78,
    says: /NOT_SET_ANYWHERE/,
  },
  {
    name: 'exposed without a token',
    args: ['check', '-c', 'exposed.yaml'],
    code: 78,
    says: /authToken/,
  },
  { name: 'unsupported scheme', args: ['check', '-c', 'scheme.yaml'], code: 78, says: /ftp/ },
  {
    name: 'unknown backbone',
    args: ['check', '-c', 'backbone.yaml'],
    code: 64,
    says: /resnet9000.*installed: /,
  },
  {
    name: 'port in use',
    args: ['run', '-c', 'busy.yaml'],
    code: 69,
    says: /EADDRINUSE.*server\.port/,
  },
  {
    name: 'unknown camera',
    args: ['fit', '-c', 'good.yaml', '--camera', 'door'],
    code: 64,
    says: /no camera "door".*gate/,
  },
  { name: 'scene not named', args: fit('scenes.yaml'), code: 64, says: /--scene: day, night/ },
  {
    name: 'unknown scene',
    args: fit('scenes.yaml', '--scene', 'dusk'),
    code: 64,
    says: /no scene "dusk"/,
  },
  { name: 'endless fit', args: fit('refused.yaml'), code: 64, says: /--duration 30m/ },
  { name: 'missing footage', args: fit('missing-clip.yaml'), code: 64, says: /not-there\.mp4/ },
  { name: 'no video', args: fit('good.yaml', '--from', 'text.mp4'), code: 69, says: /text\.mp4/ },
  {
    name: 'truncated video',
    args: fit('good.yaml', '--from', 'truncated.mp4'),
    code: 69,
    says: /truncated\.mp4/,
  },
  {
    name: 'folder without frames',
    args: fit('good.yaml', '--from', 'no-frames'),
    code: 69,
    says: /no-frames/,
  },
  {
    name: 'footage too short',
    args: fit('good.yaml', '--duration', '4s'),
    code: 64,
    says: /too few.*at least 100/,
  },
  {
    name: 'unreachable camera',
    args: fit('refused.yaml', '--duration', '10s'),
    code: 69,
    says: /127\.0\.0\.1:1.*refused/i,
  },
  { name: 'missing ffmpeg', args: fit('no-ffmpeg.yaml'), code: 69, says: /no-such-ffmpeg/ },
  {
    name: 'unknown data set',
    args: ['evaluate', '--dataset', 'imagenet', '--root', '.'],
    code: 64,
    says: /imagenet.*ped2, .*folder/,
  },
  {
    name: 'not a data set',
    args: ['evaluate', '--dataset', 'ped2', '--root', '.'],
    code: 64,
    says: /training\/frames|labels\.json/,
  },
  {
    name: 'unknown profile',
    args: ['evaluate', '--dataset', 'ped2', '--root', '.', '--profile', 'best'],
    code: 64,
    says: /best.*paper, surveillance/,
  },
];

describe('bad input', () => {
  test.each(CASES)('$name', async ({ args, code, says }) => {
    const { code: got, stderr, stdout } = await patchwatch(args, { cwd: folder });
    expect(stderr).toMatch(says);
    expect(got).toBe(code);
    expect(stderr + stdout).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(stderr + stdout).not.toContain('secret99');
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });
});

describe('damaged and foreign models', () => {
  const modelsFolder = (): string => join(folder, 'data/models/gate/default');
  const modelFile = async (): Promise<string> => {
    const names = await readdir(modelsFolder());
    return join(modelsFolder(), names.find((name) => name.endsWith('.safetensors')) ?? '');
  };

  test('a model of another profile, a damaged one and none at all are told apart', async () => {
    const fitted = await patchwatch(fit('good.yaml', '--duration', '30s'), { cwd: folder });
    expect(fitted.stderr + fitted.stdout).toMatch(/threshold/);
    expect(fitted.code).toBe(0);

    await write('paper.yaml', config(`    url: ${CLIP}\n    profile: paper`));
    const foreign = await patchwatch(['check', '-c', 'paper.yaml'], { cwd: folder });
    expect(foreign.stderr).toMatch(/was fitted with profile surveillance, configured is paper/);
    expect(foreign.code).toBe(69);

    const handle = await open(await modelFile(), 'r+');
    await handle.write(Buffer.from([1, 2, 3]), 0, 3, 5_000);
    await handle.close();
    const damaged = await patchwatch(['check', '-c', 'good.yaml'], { cwd: folder });
    expect(damaged.stderr).toMatch(/has another checksum than its name: roll back/);
    expect(damaged.code).toBe(69);
  });
});
