import { mkdir, writeFile } from 'node:fs/promises';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CameraConfig, Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { PatchwatchError } from '../../../src/core/errors.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { BAD_CONFIGS } from './bad-configs.ts';

type Env = Readonly<Record<string, string>>;

const load = async (yaml: string | Uint8Array, env: Env = {}): Promise<Config> => {
  await using dir = await tempDir();
  const path = dir.at('patchwatch.yaml');
  await writeFile(path, yaml);
  return await loadConfig(path, env);
};

/** The problems, with FILE for the path. */
const problemsOf = async (yaml: string | Uint8Array, env: Env = {}): Promise<string[]> => {
  const error: unknown = await load(yaml, env).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError', { cause: error });
  expect(error.message).toBe(error.problems.join('\n'));
  return error.problems.map((line) => line.replace(/^.*patchwatch\.yaml/, 'FILE'));
};

const only = (config: Config): CameraConfig => {
  expect(config.cameras).toHaveLength(1);
  return config.cameras[0]!;
};

describe('what is wrong is said with its place and what is allowed', () => {
  test.each(BAD_CONFIGS)('$name', async ({ yaml, problems }) => {
    const said = await problemsOf(yaml, { SECRET: 'hunter2', SPACED: 'hunter2 x' });
    expect(said).toEqual(problems);
    expect(said.join()).not.toContain('hunter2');
  });

  test('all problems at once', async () => {
    const yaml =
      'fsp: 1\nlog: { level: x }\nserver: { host: 0.0.0.0, port: -1 }\ncameras:\n  a: {}\n  b b: {}\n  c: { url: "${C}", fps: 99 }\n  c: {}\n';

    expect((await problemsOf(yaml)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'FILE:1:1: fsp:',
      'FILE:2:15: log.level:',
      'FILE:3:17: server.host:',
      'FILE:3:32: server.port:',
      'FILE:5:3: cameras.a.url:',
      'FILE:6:3: cameras:',
      'FILE:8:3: YAML',
    ]);
  });

  test('a file that is not there is one line', async () => {
    await using dir = await tempDir();
    const path = dir.at('none.yaml');
    await expect(loadConfig(path, {})).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
      message: `can't read the configuration ${path}: it does not exist; name another with -c, or start from config/example.yaml`,
    });
    await expect(loadConfig(dir.path, {})).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
      message: `can't read the configuration ${dir.path}: it is a folder; name the file in it with -c`,
    });
  });

  test('a file too large, not text, or without end', async () => {
    expect(await problemsOf('#'.repeat(1_048_577))).toEqual([
      'FILE: is larger than 1048576 bytes; is it the right file?',
    ]);
    expect(await problemsOf(Uint8Array.of(0xff, 0xfe, 0, 1))).toEqual([
      'FILE: not UTF-8 text; save it as UTF-8',
    ]);
    expect(await problemsOf('['.repeat(100_000))).toContain(
      'FILE:1:822: YAML syntax: nested too deeply, or too many aliases (*name)',
    );
    const circular = await problemsOf('log: &a { level: *a }\ncameras: { gate: { url: a } }\n');
    expect(circular.join()).toMatch(/nested too deeply|stand for too many/);
  });

  test('no text breaks the loader in any other way', async () => {
    const words = fc.constantFrom(
      ...[
        'cameras:',
        'gate',
        ': ',
        '\n',
        '  ',
        '{',
        '}',
        '[',
        ']',
        '- ',
        'url',
        '&a',
        '*a',
        '"',
        "'",
      ],
      ...[
        '${X}',
        '${',
        'defaults',
        'scenes',
        'alert',
        'null',
        '__proto__',
        '1',
        '~',
        '!!map',
        '#',
        '? ',
      ],
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (yaml) => {
        const result: unknown = await load(yaml).catch((error: unknown) => error);
        if (!(result instanceof Error)) return;
        expect(result).toBeInstanceOf(PatchwatchError);
        expect(result).toBeInstanceOf(ConfigError);
        for (const line of result instanceof ConfigError ? result.problems : []) {
          expect(line).toMatch(/^[^\n]*patchwatch\.yaml(:\d+:\d+)?: \S[^\n]*$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('environment', () => {
  const url = 'cameras: { gate: { url: "rtsp://u:${PW}@host/x" } }\n';

  test('variables, fallbacks and the literal sign', async () => {
    const { cameras, dataDir } = await load(
      'dataDir: "/${A:-b}/${EMPTY:-c}/$${d}"\ncameras: { gate: { url: "rtsp://u:${PW}@h" } }',
      { PW: 'p: "*&', EMPTY: '' },
    );
    expect(dataDir).toBe('/b/c/${d}');
    expect(cameras[0]?.url).toBe('rtsp://u:p%3A%20%22*%26@h');
  });

  test('a variable can stand for a number, a switch and a choice', async () => {
    const config = await load(
      `server: { port: "\${PORT}" }\nlog: { level: "\${LEVEL}" }\ndefaults: { loop: "\${LOOP}", alert: { threshold: "\${T}" } }\n${url}`,
      { PORT: '9000', LEVEL: 'debug', LOOP: 'true', T: '4.5', PW: 'x' },
    );
    expect(config.server.port).toBe(9000);
    expect(config.log.level).toBe('debug');
    expect(only(config)).toMatchObject({ loop: true, alert: { threshold: 4.5 } });
  });

  test('text in quotes is not a number, and a token of digits stays text', async () => {
    expect(await problemsOf('server: { port: "80" }\ncameras: { a: { url: a } }')).toHaveLength(1);
    const config = await load(`server: { authToken: "\${TOKEN}" }\n${url}`, {
      TOKEN: '123',
      PW: '',
    });
    expect(config.server.authToken).toBe('123');
  });

  test.each([
    ['rtsp://u:${C}@host/x', 'a#b/c?d%41@', 'rtsp://u:a%23b%2Fc%3Fd%2541%40@host/x'],
    ['rtsp://u:${C}@h', 'p%40ss', 'rtsp://u:p%2540ss@h'],
    ['rtsp://${C}@h', 'adm:pw', 'rtsp://adm:pw@h'],
    ['rtsp://${C}@h', 'adm:p:w/@', 'rtsp://adm:p%3Aw%2F%40@h'],
    ['rtsp://${C}@h', 'a@b', 'rtsp://a%40b@h'],
    ['http://h/v?password=${C}', '#&?/%', 'http://h/v?password=%23%26%3F%2F%25'],
    ['http://h/v?a=1&password=${C}&x=1', 'p&q', 'http://h/v?a=1&password=p%26q&x=1'],
    ['http://h?password=${C}', 'p#q', 'http://h?password=p%23q'],
    [
      'rtsp://h/user=u_password=${C}_channel=1',
      'a/b#',
      'rtsp://h/user=u_password=a%2Fb%23_channel=1',
    ],
    ['http://h/${C}', 'a/b?c=1', 'http://h/a/b?c=1'],
    ['http://${C}/x', 'h:80', 'http://h:80/x'],
    ['${C}', 'rtsp://u:p@h/x?y=1', 'rtsp://u:p@h/x?y=1'],
  ])('%s takes any character from the environment: %s', async (written, value, url) => {
    expect(only(await load(`cameras: { a: { url: "${written}" } }`, { C: value })).url).toBe(url);
  });

  test.each([
    'U:P@H/stream',
    '//U:P@H',
    'ffmpeg:rtsp://U:P@H',
    'rtsp://ad:x/y@H',
    'rtsp://u:p?q@H/1',
    'rtsp://u:p#q@H/1',
    '192.168.1.5:554/stream',
    'exec:curl -u adm:P http://h',
    'exec:curl -u adm:Zq9xWv7k h',
    'concat:a|b',
    'file:rtsp://u:P@h',
  ])('an address that is none is refused, and not shown: %s', async (address) => {
    const problems = await problemsOf(`cameras: { a: { url: "${address}" } }\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('FILE:1:22: cameras.a.url');
    expect(problems[0]).toContain('allowed: rtsp://…');
    if (!address.startsWith('192')) expect(problems[0]).not.toContain(address);
  });

  test.each(['C:/clips/a.mp4', 'c:\\\\clips', './a:b.mp4', '12:30.mp4', 'cam_1:2.mp4'])(
    'a path may hold a colon: %s',
    async (path) => {
      expect(only(await load(`cameras: { a: { url: "${path}" } }`)).url).toContain(':');
    },
  );

  test('a value is not looked at for further variables', async () => {
    expect(only(await load(url, { PW: '${HOME}' })).url).toBe('rtsp://u:%24%7BHOME%7D@host/x');
  });
});

describe('settings in use', () => {
  test('defaults, overridden key by key', async () => {
    const config = await load(
      'defaults:\n  fps: 2\n  alert: { cooldown: 1m, budget: 0.5 }\n  ignore: [[[0, 0], [1, 0], [1, 1]]]\n' +
        'cameras:\n  a: { url: a.mp4 }\n  b: { url: b.mp4, fps: 10, alert: { cooldown: 2s }, ignore: [] }\n',
    );
    const [a, b] = config.cameras;
    expect(a).toMatchObject({ fps: 2, maxLatencyMs: 1_000, transport: 'tcp' });
    expect(a?.alert).toMatchObject({ cooldownMs: 60_000, budget: 0.5, minDurationMs: 500 });
    expect(a?.ignore).toEqual([
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
    ]);
    expect(b).toMatchObject({ fps: 10, ignore: [] });
    expect(b?.alert).toMatchObject({ cooldownMs: 2_000, budget: 0.5 });
  });

  test('maps with nothing in them are maps', async () => {
    const config = await load(
      'log:\ndefaults:\n  alert:\ncameras:\n  a:\n    url: a\n    scenes:\n      x:\n',
    );
    expect(only(config).scenes).toEqual([{ sceneId: 'x', between: undefined, light: undefined }]);
  });

  test('paths start at the folder of the file; addresses and devices stay', async () => {
    await using dir = await tempDir();
    await writeFile(
      dir.at('patchwatch.yaml'),
      'ffmpeg: { path: bin/ffmpeg }\ncameras:\n  a: { url: clips/a.mp4 }\n  b: { url: /dev/video0 }\n  c: { url: "https://h/x.m3u8" }\n  d: { url: "file:///a%20b.mp4" }\n',
    );
    const config = await loadConfig(dir.at('patchwatch.yaml'), {});
    expect(config).toMatchObject({
      dataDir: dir.at('data'),
      ffmpeg: { path: dir.at('bin', 'ffmpeg') },
    });
    expect(config.cameras.map((camera) => camera.url)).toEqual([
      dir.at('clips', 'a.mp4'),
      '/dev/video0',
      'https://h/x.m3u8',
      '/a b.mp4',
    ]);
  });

  test('secrets from files', async () => {
    await using dir = await tempDir();
    await mkdir(dir.at('run'));
    await writeFile(dir.at('run', 'token'), 'abc\n');
    await writeFile(dir.at('run', 'url'), 'rtsp://u:p@h/1\n');
    await writeFile(
      dir.at('patchwatch.yaml'),
      'server: { host: "::", authTokenFile: run/token }\ncameras: { a: { urlFile: run/url } }\n',
    );
    const config = await loadConfig(dir.at('patchwatch.yaml'), {});
    expect(config.server).toMatchObject({ host: '::', authToken: 'abc' });
    expect(only(config).url).toBe('rtsp://u:p@h/1');
  });

  test('Redis: one address, with its secrets from files', async () => {
    await using dir = await tempDir();
    await writeFile(dir.at('url'), 'rediss://redis.example:6380/1\n');
    await writeFile(dir.at('password'), 'hunter2\n');
    const path = dir.at('patchwatch.yaml');
    const redis = 'urlFile: url, username: u, passwordFile: password, tls: { caFile: ca.pem }';
    await writeFile(
      path,
      `queue: { kind: bullmq, lockDuration: 5s, redis: { ${redis} } }\ncameras: { a: { url: x } }\n`,
    );
    expect((await loadConfig(path, {})).queue).toEqual({
      kind: 'bullmq',
      maxFramesPerCamera: 64,
      maxFrameAgeMs: 10_000,
      lockMs: 5_000,
      models: 'redis',
      redis: {
        endpoint: { kind: 'single', url: 'rediss://redis.example:6380/1' },
        username: 'u',
        password: 'hunter2',
        tls: { caFile: dir.at('ca.pem'), certFile: undefined, keyFile: undefined },
        namespace: 'default',
      },
    });
  });

  test('Redis: sentinels, or a cluster', async () => {
    const queueWith = async (redis: string) =>
      (await load(`queue: { kind: bullmq, redis: { ${redis} } }\ncameras: { a: { url: x } }\n`))
        .queue;
    expect(
      await queueWith('sentinels: ["a:1", "[::1]:2"], sentinelName: m, sentinelPassword: p'),
    ).toMatchObject({
      redis: {
        endpoint: {
          kind: 'sentinel',
          nodes: [
            { host: 'a', port: 1 },
            { host: '::1', port: 2 },
          ],
          name: 'm',
          password: 'p',
        },
        tls: undefined,
      },
    });
    expect(await queueWith('cluster: ["a:1"], tls: { enabled: true }')).toMatchObject({
      redis: {
        endpoint: { kind: 'cluster', nodes: [{ host: 'a', port: 1 }] },
        tls: { caFile: undefined },
      },
    });
  });

  test('what a secret file holds is checked and never shown', async () => {
    await using dir = await tempDir();
    await writeFile(dir.at('empty'), '\n');
    await writeFile(dir.at('url'), 'ftp://u:hunter2@h\n');
    const path = dir.at('patchwatch.yaml');
    await writeFile(path, 'server: { authTokenFile: empty }\ncameras: { a: { urlFile: url } }\n');
    await expect(loadConfig(path, {})).rejects.toMatchObject({
      problems: [
        `${path}:1:26: server.authTokenFile: the file "empty" is empty; write the value into it`,
        `${path}:2:26: cameras.a.urlFile: what the file holds is not allowed; allowed: rtsp://…, rtsps://…, http://…, https://… (write / ? # @ % in a password as %2F %3F %23 %40 %25), file:///…, a video file, a folder of frames, /dev/video0`,
      ],
    });
  });

  test('cameras and scenes keep the order of the file, numbers too', async () => {
    const config = await load(
      'cameras:\n  b: { url: x }\n  1:\n    url: y\n    scenes: { night: { between: ["22:00-06:00"] }, 7: {} }\n',
    );
    expect(config.cameras.map((camera) => camera.id)).toEqual(['b', '1']);
    expect(config.cameras[1]?.scenes).toEqual([
      { sceneId: 'night', between: [{ fromMinute: 1_320, toMinute: 360 }], light: undefined },
      { sceneId: '7', between: undefined, light: undefined },
    ]);
  });

  test('anchors can be reused', async () => {
    const config = await load(
      'cameras:\n  a: { url: x, alert: &calm { cooldown: 9s } }\n  b: { url: y, alert: *calm }\n',
    );
    expect(config.cameras.map((camera) => camera.alert.cooldownMs)).toEqual([9_000, 9_000]);
  });

  test('footage that belongs to no scene is warned of', async () => {
    const config = await load(
      'cameras:\n  a:\n    url: x\n    scenes:\n      day: { between: ["06:00-22:00"] }\n      night: { light: infrared, between: ["22:00-06:00"] }\n',
    );
    expect(config.warnings.map((line) => line.replace(/^.*yaml/, 'FILE'))).toEqual([
      'FILE:4:5: cameras.a.scenes: no scene matches at 00:00-06:00, 22:00-24:00 in color: that footage is not watched; end with a scene that has no rule',
    ]);
  });
});
