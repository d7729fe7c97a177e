// What every server of the project keeps to, on both of its ports.
import { connect } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { FrameImages } from '../../../src/images/frame-images.ts';
import { Access } from '../../../src/server/access.ts';
import { HttpServer } from '../../../src/server/http-server.ts';
import { MetricsServer } from '../../../src/server/metrics-server.ts';
import { WsHub } from '../../../src/server/ws-hub.ts';
import { PlainEventLog } from '../../support/plain-event-log.ts';

const TOKEN = 'secret';
const scrape = () => Promise.resolve({ type: 'text/plain', body: 'metrics\n' });
const common = { logger: silentLogger, meter: silentMeter };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const startMetrics = async (): Promise<string> => {
  const server = new MetricsServer({ port: 0, scrape, ...common });
  cleanUps.push(() => server.stop());
  return server.start();
};

const startDaemon = async (authToken?: string): Promise<string> => {
  const access = new Access({ authToken, allowedOrigins: [] });
  const log = new PlainEventLog();
  const state = {
    cameraIds: () => [],
    statuses: () => [],
    latestFrame: () => Promise.resolve(undefined),
    readiness: () =>
      Promise.resolve({ isReady: true, cameras: [], queueFrames: 0, isScorerUp: true }),
  };
  const hub = new WsHub({ version: '9.9.9', access, maxClients: 4, state, log, ...common });
  const routes = { state, log, images: new FrameImages(), pages: new Map(), scrape };
  const server = new HttpServer({ host: '127.0.0.1', port: 0, access, hub, routes, ...common });
  const url = await server.start();
  cleanUps.push(() => server.stop());
  return url;
};

/** The status line, of a request written by hand. */
const ask = (url: string, lines: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('error', reject);
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  });

describe.each([
  ['the daemon’s port', startDaemon],
  ['a metrics port', startMetrics],
])('%s', (_name, start) => {
  test('answers GET and HEAD only, and names what it does not know', async () => {
    const url = await start();
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
    const response = await fetch(`${url}/metrics?format=json`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('unknown query parameter \\"format\\"');
  });

  test('is nobody else’s server by another name', async () => {
    const url = await start();
    const answer = await ask(url, [
      'GET /metrics HTTP/1.1',
      'Host: evil.example',
      'Connection: close',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(answer).not.toContain('metrics\n');
  });

  test('goes on in HTTP/1.1 when another protocol is offered', async () => {
    const url = await start();
    const answer = await ask(url, [
      'GET /metrics HTTP/1.1',
      'Host: 127.0.0.1',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain('metrics\n');
  });
});

test('the scheme of a token may be written in any case', async () => {
  const url = await startDaemon(TOKEN);
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER  ${TOKEN}`])
    expect((await fetch(`${url}/metrics`, { headers: { authorization } })).status).toBe(200);
  expect((await fetch(`${url}/metrics`, { headers: { authorization: TOKEN } })).status).toBe(401);
});

test('whoever has not said who he is learns nothing of the installation', async () => {
  const url = await startDaemon(TOKEN);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'patchwatch.v1');
  const [hello, identified] = await new Promise<Record<string, unknown>[]>((resolve) => {
    const messages: Record<string, unknown>[] = [];
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
      if (messages.length === 2) resolve(messages);
      else socket.send(JSON.stringify({ kind: 'identify', protocol: 1, token: TOKEN }));
    });
  });
  socket.terminate();
  expect(hello).toEqual({ kind: 'hello', seq: 1, protocol: 1, auth: true, heartbeatMs: 30_000 });
  expect(identified).toMatchObject({ kind: 'identified', version: '9.9.9', cameras: [] });
});

test('a wrong identify is told by the name of its field', async () => {
  const url = await startDaemon();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'patchwatch.v1');
  socket.on('message', () => {
    socket.send(JSON.stringify({ kind: 'identify', protocol: 1, topics: ['alert', 'pictures'] }));
  });
  const reason = await new Promise<string>((resolve) => {
    socket.on('close', (_code, text) => {
      resolve(text.toString());
    });
  });
  expect(reason).toMatch(/^identify\.topics\.1: /);
});
