// What is in deploy/ fits together: paths that are mounted exist, ports stay on loopback, Prometheus accepts its
// files, the daemon accepts its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test, vi } from 'vitest';
import { parse, parseDocument } from 'yaml';

import { noteUrl } from '../../src/server/url-file.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { silentMeter } from '../../src/core/ports/meter.ts';
import { MetricsServer } from '../../src/server/metrics-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DEPLOY = join(ROOT, 'deploy');

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

interface Service {
  readonly image: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly privileged?: boolean;
  readonly mem_limit?: string;
  readonly memswap_limit?: string;
  readonly pids_limit?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly tmpfs: readonly string[];
  readonly volumes: readonly string[];
  readonly entrypoint?: readonly string[];
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly networks?: Readonly<Record<string, { readonly internal: boolean }>>;
}

const readCompose = (name: string): Compose =>
  parse(read('deploy', name), { merge: true }) as Compose;

const compose = readCompose('compose.yaml');
const many = readCompose('compose.many.yaml');

const services = [compose, many].flatMap((file) =>
  Object.entries(file.services).map(
    ([name, service]) => [`${name}: ${file.name}`, service, file] as const,
  ),
);

/** Only reached by other services. */
const UNPUBLISHED = /^(?:redis|ingest|worker):/;

const yamlFiles = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.ya?ml$/.test(name),
);

test.each(yamlFiles)('%s is YAML', (name) => {
  const { errors, warnings } = parseDocument(read('deploy', name), { merge: true });
  expect([...errors, ...warnings]).toEqual([]);
});

describe.each(services)('service %s', (name, service, file) => {
  test('is confined', () => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.privileged).toBeUndefined();
  });

  test('has its bounds', () => {
    expect(service.mem_limit).toMatch(/^\d+g$/);
    expect(service.memswap_limit).toBe(service.mem_limit);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  test('is published on loopback only', () => {
    const { ports = [] } = service;
    expect(ports.length > 0).toBe(!UNPUBLISHED.test(name));
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  test('has a pinned version', () => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  test('mounts what exists, read-only unless it is a volume of its own', () => {
    for (const mount of service.volumes) {
      const [source = '', , mode] = mount.split(':');
      if (source.startsWith('./')) {
        expect(existsSync(join(DEPLOY, source)), source).toBe(true);
        expect(mode, mount).toBe('ro');
      } else expect(Object.keys(file.volumes)).toContain(source);
    }
  });

  test('has no secret written down', () => {
    const secrets = Object.entries(service.environment).filter(([key]) =>
      /TOKEN|PASSWORD/.test(key),
    );
    expect(secrets.filter(([, value]) => !/^\$\{\w+:\?[^}]+\}$/.test(value))).toEqual([]);
  });
});

const mountTarget = (service: string, source: string): string | undefined =>
  compose.services[service]?.volumes.find((mount) => mount.startsWith(`${source}:`))?.split(':')[1];

test('paths named in one file are those mounted by another', () => {
  const dashboards = mountTarget('grafana', './grafana/dashboards');
  const provider = parse(read('deploy/grafana/provisioning/dashboards/patchwatch.yml')) as {
    providers: [{ options: { path: string } }];
  };
  expect(provider.providers[0].options.path).toBe(dashboards);
  const home =
    compose.services['grafana']?.environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'];
  expect(home).toBe(`${dashboards ?? ''}/patchwatch.json`);

  const { rule_files: ruleFiles, scrape_configs: scrapes } = parse(
    read('deploy/prometheus.yml'),
  ) as {
    rule_files: string[];
    scrape_configs: [
      { authorization: { credentials_file: string }; static_configs: [{ targets: [string] }] },
    ];
  };
  const configTarget = mountTarget('prometheus', './prometheus.yml') ?? '';
  const rulesTarget = mountTarget('prometheus', './alerts.rules.yml') ?? '';
  expect(ruleFiles.map((name) => configTarget.replace(/[^/]+$/, name))).toEqual([rulesTarget]);

  const tokenFile = scrapes[0].authorization.credentials_file;
  expect(compose.services['prometheus']?.entrypoint?.join(' ')).toContain(`> ${tokenFile} `);
  const tokenFolder = tokenFile.replace(/\/[^/]+$/, ':');
  expect(compose.services['prometheus']?.tmpfs[0]?.startsWith(tokenFolder)).toBe(true);
  expect(Object.keys(compose.services)).toContain(
    scrapes[0].static_configs[0].targets[0].split(':')[0],
  );
});

test('the daemon accepts its configuration, and listens where it is published', async () => {
  const config = await loadConfig(join(DEPLOY, 'patchwatch.yaml'), { PATCHWATCH_TOKEN: 'secret' });
  expect(config.warnings).toEqual([]);
  expect(config.server.host).toBe('0.0.0.0');
  expect(config.server.authToken).toBe('secret');
  const { port } = config.server;
  expect(compose.services['patchwatch']?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  expect(read('deploy/prometheus.yml')).toContain(`'patchwatch:${port}'`);
  expect(read('Dockerfile')).toContain(`EXPOSE ${port}\n`);
  const volume = compose.services['patchwatch']?.volumes.find((mount) =>
    mount.startsWith('patchwatch-data:'),
  );
  expect(volume).toBe(`patchwatch-data:${config.dataDir}`);
  const recording = /^\/app\/(assets\/\S+)$/.exec(config.cameras[0]?.url ?? '')?.[1] ?? 'none';
  expect(existsSync(join(ROOT, recording)), recording).toBe(true);
});

test('every role of many machines accepts its command line and configuration', async () => {
  const config = await loadConfig(join(DEPLOY, 'patchwatch.many.yaml'), {
    PATCHWATCH_TOKEN: 'secret',
    REDIS_PASSWORD: 'hidden',
  });
  expect(config.warnings).toEqual([]);
  expect(config.queue).toMatchObject({
    kind: 'bullmq',
    redis: { endpoint: { kind: 'single', url: 'redis://redis:6379' }, password: 'hidden' },
  });
  expect(config.server.host).toBe('0.0.0.0');
  const { port } = config.server;
  expect(many.services['gateway']?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  for (const role of ['ingest', 'worker', 'gateway']) {
    const { command = [], volumes, tmpfs } = many.services[role] ?? {};
    expect(command.slice(0, 5)).toEqual([
      'run',
      '-c',
      '/etc/patchwatch/patchwatch.yaml',
      '--role',
      role,
    ]);
    expect(volumes).toContain('./patchwatch.many.yaml:/etc/patchwatch/patchwatch.yaml:ro');
    // The image's health check needs it.
    if (role !== 'gateway') expect(command.slice(5)).toEqual(['--metrics-port', String(port)]);
    if (role === 'worker')
      expect(tmpfs?.some((one) => one.startsWith(`${config.dataDir}:`))).toBe(true);
  }
  expect(many.services['gateway']?.volumes).toContain(`patchwatch-data:${config.dataDir}`);
});

test('Redis is reached by its own only, keeps what it was given, and refuses what it has no room for', () => {
  const { networks, command = [], entrypoint = [], tmpfs } = many.services['redis'] ?? {};
  expect(networks).toEqual(['inner']);
  expect(many.networks?.['inner']).toEqual({ internal: true });
  for (const [name, { networks: own = [] }] of Object.entries(many.services))
    expect(own, name).toContain('inner');
  const settings = new Map(
    [...read('deploy/redis.conf').matchAll(/^([a-z]+(?:-[a-z]+)*) (\S+)/gm)].map((match) => [
      match[1],
      match[2],
    ]),
  );
  for (const name of ['appendonly', 'maxmemory', 'maxmemory-policy']) {
    expect(command[command.indexOf(`--${name}`) + 1], name).toBe(settings.get(name));
  }
  expect(entrypoint.join(' ')).toContain('> /run/redis/secret.conf ');
  expect(tmpfs?.[0]?.startsWith('/run/redis:')).toBe(true);
});

test('the image gets what the Dockerfile copies, and .dockerignore lets that through', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
    .flatMap((match) => (match[1] ?? '').split(' '))
    .sort();
  const allowed = [...read('.dockerignore').matchAll(/^!(\S+)$/gm)].map((match) => match[1]).sort();
  expect([...new Set(copied)]).toEqual(allowed);
  expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  expect(read('Dockerfile')).toMatch(/^USER node$/m);
});

test('the health check asks wherever the process listens', async () => {
  const command = /^HEALTHCHECK [^\n]*\n {2}CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '[]';
  const [program = '', ...args] = JSON.parse(command) as string[];
  await using folder = await tempDir();
  const file = folder.at('url');
  const check = async (): Promise<unknown> => {
    const child = spawn(program, args, {
      env: { ...process.env, PATCHWATCH_URL_FILE: file },
      stdio: 'ignore',
    });
    return (await once(child, 'exit'))[0];
  };
  expect(await check()).toBe(1);
  const server = new MetricsServer({
    logger: silentLogger,
    meter: silentMeter,
    port: 0,
    scrape: () => Promise.resolve({ type: 'text/plain', body: '' }),
  });
  vi.stubEnv('PATCHWATCH_URL_FILE', file);
  await noteUrl(await server.start(), silentLogger);
  vi.unstubAllEnvs();
  expect(await check()).toBe(0);
  await server.stop();
  expect(await check()).toBe(1);
});

test('systemd bounds what the service takes', () => {
  const unit = read('deploy/patchwatch.service');
  for (const bound of ['MemoryHigh', 'MemoryMax', 'TasksMax', 'LimitNOFILE', 'LimitCORE'])
    expect(unit).toMatch(new RegExp(`^${bound}=`, 'm'));
  // One child beyond the bound of memory does not end all.
  expect(unit).toMatch(/^OOMPolicy=continue$/m);
  expect(unit).not.toMatch(/as root/);
});

test('no package runs a script of its own when it is installed', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; optional?: boolean }>;
  };
  const scripted = Object.entries(packages)
    .filter(([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  const { allowScripts } = JSON.parse(read('package.json')) as {
    allowScripts: Record<string, boolean>;
  };
  expect(Object.keys(allowScripts).toSorted()).toEqual(scripted.toSorted());
  expect(Object.values(allowScripts)).not.toContain(true);
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});

test('systemd does not restart after errors that a restart can’t mend', () => {
  const statuses = /^RestartPreventExitStatus=(.*)$/m.exec(read('deploy/patchwatch.service'))?.[1];
  const { USAGE, CONFIG_INVALID } = ERROR_CODES;
  expect(statuses).toBe(`${USAGE.exitCode} ${CONFIG_INVALID.exitCode}`);
});

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

const promtool = (...args: string[]): { status: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

describe.skipIf(!hasPromtool)('promtool (skipped without it)', () => {
  test('check rules', () => {
    const { status, said } = promtool('check', 'rules', join(DEPLOY, 'alerts.rules.yml'));
    expect(status, said).toBe(0);
  });

  test('test rules', () => {
    const { status, said } = promtool('test', 'rules', join(DEPLOY, 'alerts.rules.test.yml'));
    expect(status, said).toBe(0);
  });

  test('check config, with a token in place', async () => {
    await using folder = await tempDir();
    const tokenFile = join(folder.path, 'token');
    writeFileSync(tokenFile, 'secret');
    copyFileSync(join(DEPLOY, 'alerts.rules.yml'), join(folder.path, 'alerts.rules.yml'));
    const config = join(folder.path, 'prometheus.yml');
    writeFileSync(
      config,
      read('deploy/prometheus.yml').replace('/run/patchwatch/token', tokenFile),
    );
    const { status, said } = promtool('check', 'config', config);
    expect(status, said).toBe(0);
    expect(said).toContain('1 rule files found');
  });
});

test('every rule is tested, firing', () => {
  const rules = [...read('deploy/alerts.rules.yml').matchAll(/- alert: (\w+)/g)].map(
    (match) => match[1],
  );
  const tests = parse(read('deploy/alerts.rules.test.yml')) as {
    tests: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const fired = tests.tests
    .flatMap(({ alert_rule_test: cases = [] }) => cases)
    .filter(({ exp_alerts: alerts }) => alerts.length > 0)
    .map(({ alertname }) => alertname);
  expect(rules.filter((name) => name !== undefined && !fired.includes(name))).toEqual([]);
});
