// The ways to Redis that the configuration offers, each against real servers on loopback: password, TLS,
// sentinels with a failover, a cluster of three.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';

import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { RedisLink } from '../../../src/redis/redis-link.ts';
import type { RedisSettings } from '../../../src/redis/redis-settings.ts';
import { QueueProcess, scoreOf, segmentOf, Told } from '../../support/queue-process.ts';
import { freePort, hasRedis, RedisServer } from '../../support/redis-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HOST = '127.0.0.1';

/** A segment goes all the way: offered, taken, scored, told. */
const goesThrough = async (process: QueueProcess, first: number): Promise<void> => {
  const told = new Told();
  const stop = new AbortController();
  const telling = process.outcomes.run(told.listener, stop.signal);
  await process.queue.offer(segmentOf('a', first, { frameCount: 2 }));
  const [lease] = await process.take(2);
  await lease?.settle(scoreOf(lease.segment));
  await waitUntil(() => told.endings.length > 0, 20_000, 'the outcome');
  stop.abort();
  await telling;
  expect(told.endings).toEqual([`a-run-${first}: scored`]);
};

const failure = async (settings: RedisSettings, startTimeoutMs = 10_000): Promise<Error> => {
  const link = new RedisLink({
    ...{ settings, startTimeoutMs, logger: silentLogger, meter: silentMeter },
  });
  const error = await link.start().then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  await link.close();
  expect(error).toMatchObject({ code: 'QUEUE_UNAVAILABLE', exitCode: 69 });
  return error!;
};

describe.skipIf(!hasRedis)('ways to Redis', () => {
  test('with a password; a wrong one is refused at once and never shown', async () => {
    await using server = await RedisServer.start({ args: ['--requirepass', 'hunter2'] });
    const settings = server.settings(randomUUID());
    await using process = await QueueProcess.start({
      settings: { ...settings, password: 'hunter2' },
    });
    await goesThrough(process, 0);
    const url = `redis://:hunter3@${HOST}:${server.port}`;
    const wrong = await failure({ ...settings, endpoint: { kind: 'single', url } });
    expect(wrong.message).toMatch(
      /^no use of Redis at redis:\/\/\*\*\*@127\.0\.0\.1:\d+: WRONGPASS/,
    );
    expect(wrong.message).not.toContain('hunter');
    expect((await failure(settings)).message).toContain('NOAUTH');
  });

  test('as a user who may touch nothing else', async () => {
    const rights = ['on', '>hunter2', '~{patchwatch:*', '+@all', '-@admin', '-@dangerous', '+info'];
    await using server = await RedisServer.start({ args: ['--user', 'watcher', ...rights] });
    const settings = { ...server.settings(randomUUID()), username: 'watcher', password: 'hunter2' };
    await using process = await QueueProcess.start({ settings });
    await goesThrough(process, 0);
    await expect(process.link.commands.get('other')).rejects.toThrow('NOPERM');
  });

  test('nobody there', async () => {
    const url = `redis://${HOST}:${await freePort()}`;
    const settings: RedisSettings = {
      ...{ endpoint: { kind: 'single', url }, username: undefined, password: undefined },
      ...{ tls: undefined, namespace: 'a' },
    };
    expect((await failure(settings, 300)).message).toContain('ECONNREFUSED');
  });

  test('with TLS, the server’s certificate checked and the client’s own shown', async () => {
    await using dir = await tempDir();
    const openssl = (...args: string[]): void => {
      execFileSync('openssl', args, { cwd: dir.path, stdio: 'ignore' });
    };
    const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
    openssl(...request, '-x509', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test');
    await writeFile(dir.at('names'), `subjectAltName=IP:${HOST}`);
    openssl(...request, '-keyout', 'own.key', '-out', 'own.csr', '-subj', `/CN=${HOST}`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', 'own.csr', '-out', 'own.pem', '-extfile', 'names', ...signed);
    const tls = {
      ...{ caFile: dir.at('ca.pem'), certFile: dir.at('own.pem'), keyFile: dir.at('own.key') },
    };
    const port = await freePort();
    const url = `rediss://${HOST}:${port}`;
    const settings: RedisSettings = {
      ...{ endpoint: { kind: 'single', url }, username: undefined, password: undefined },
      ...{ tls, namespace: randomUUID() },
    };
    await using server = await RedisServer.start({
      args: [
        ...['--tls-port', String(port), '--tls-ca-cert-file', tls.caFile],
        ...['--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile],
      ],
    });
    await using process = await QueueProcess.start({ settings });
    await goesThrough(process, 0);
    expect(server.port).not.toBe(port);
    const stranger = { caFile: undefined, certFile: undefined, keyFile: undefined };
    expect((await failure({ ...settings, tls: stranger }, 1_000)).message).toMatch(/certificate/);
    const lost = { ...tls, caFile: dir.at('none.pem') };
    expect((await failure({ ...settings, tls: lost })).message).toContain('none.pem for TLS');
  });

  test('through sentinels, over a failover', async () => {
    await using master = await RedisServer.start();
    await using replica = await RedisServer.start({
      args: ['--replicaof', HOST, String(master.port)],
    });
    await using dir = await tempDir();
    const conf = dir.at('sentinel.conf');
    await writeFile(
      conf,
      [
        `sentinel monitor watched ${HOST} ${master.port} 1`,
        'sentinel down-after-milliseconds watched 500',
        'sentinel failover-timeout watched 2000',
      ].join('\n'),
    );
    await using sentinel = await RedisServer.start({ sentinelConf: conf });
    const observer = new Redis(sentinel.port, HOST);
    observer.on('error', () => undefined);
    await waitUntil(
      async () =>
        ((await observer.call('SENTINEL', 'REPLICAS', 'watched')) as unknown[]).length > 0,
      30_000,
      'the replica to be known',
    );
    await using process = await QueueProcess.start({
      settings: {
        ...master.settings(randomUUID()),
        endpoint: {
          ...{ kind: 'sentinel', name: 'watched', password: undefined },
          nodes: [{ host: HOST, port: sentinel.port }],
        },
      },
    });
    await goesThrough(process, 0);
    // Replication runs behind: what the replica has not got is lost with the master.
    expect(await process.link.commands.wait(1, 20_000)).toBe(1);
    await master.kill();
    await waitUntil(
      async () =>
        ((await observer.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'watched')) as string[])[1] ===
        String(replica.port),
      60_000,
      'the failover',
    );
    await waitUntil(() => process.link.isUp, 30_000, 'the new master');
    await goesThrough(process, 2);
    expect(await process.account('a')).toMatchObject({ captured: 4, scored: 4 });
    observer.disconnect();
  });

  test('in a cluster of three', async () => {
    const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    await using one = await RedisServer.start({ args: cluster });
    await using two = await RedisServer.start({ args: cluster });
    await using three = await RedisServer.start({ args: cluster });
    const nodes = [one, two, three].map(({ port }) => ({ host: HOST, port }));
    const addresses = nodes.map(({ port }) => `${HOST}:${port}`);
    execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
    const settings: RedisSettings = {
      ...one.settings(randomUUID()),
      endpoint: { kind: 'cluster', nodes: nodes.slice(0, 1) },
    };
    await using process = await QueueProcess.start({ settings });
    await goesThrough(process, 0);
    await using another = await QueueProcess.start({
      settings: { ...settings, namespace: randomUUID() },
    });
    await goesThrough(another, 0);
    expect(await process.account('a')).toMatchObject({ captured: 2, scored: 2 });
  });
});
