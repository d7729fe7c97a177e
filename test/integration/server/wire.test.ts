// The WebSocket with a real client: handshake, topics, replay, maps, tokens, origins, slow and broken clients.
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, type RawData } from 'ws';

import type { Alert } from '../../../src/core/alert.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import type { LiveState } from '../../../src/core/ports/live-state.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { Access } from '../../../src/server/access.ts';
import { FrameImages } from '../../../src/images/frame-images.ts';
import { HttpServer } from '../../../src/server/http-server.ts';
import { readPageFiles } from '../../../src/server/page-files.ts';
import { WsHub } from '../../../src/server/ws-hub.ts';
import { PlainEventLog } from '../../support/plain-event-log.ts';
import { waitUntil } from '../../support/wait-until.ts';

const GATE = cameraId('gate');
const YARD = cameraId('yard');
const TOKEN = 'a-token-of-some-length';
const pixels = new Uint8Array(FRAME_BYTES).fill(90);
const stamp = { sequence: 7, capturedAtMs: 1_700_000_000_000, mediaTimeMs: 700 };

const state: LiveState = {
  cameraIds: () => [GATE, YARD],
  statuses: () =>
    [GATE, YARD].map((id) => ({
      cameraId: id,
      state: 'up',
      reason: undefined,
      sceneId: sceneId('default'),
      modelVersion: 'v1',
      isAlertOpen: false,
    })),
  latestFrame: (id) => Promise.resolve(id === GATE ? { stamp, pixels } : undefined),
  readiness: () =>
    Promise.resolve({ isReady: true, cameras: [], queueFrames: 0, isScorerUp: true }),
};

const alert = (id: string, camera = GATE): Alert => ({
  id,
  kind: 'anomaly',
  cue: 'appearance',
  phase: 'open',
  cameraId: camera,
  sceneId: sceneId('default'),
  startedAtMs: 1,
  atMs: 2,
  sequence: 3,
  mediaTimeMs: 4,
  score: 5,
  peakScore: 6,
  threshold: 4,
  peak: { x: 0.5, y: 0.5 },
  region: { x: 0.4, y: 0.4, width: 0.2, height: 0.2 },
});

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const startServer = async (options: { authToken?: string; maxClients?: number } = {}) => {
  const access = new Access({
    authToken: options.authToken,
    allowedOrigins: ['https://ok.example'],
  });
  const log = new PlainEventLog(0);
  const hub = new WsHub({
    version: '0.0.0',
    access,
    maxClients: options.maxClients ?? 8,
    state,
    log,
    meter: silentMeter,
  });
  const server = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    access,
    hub,
    logger: silentLogger,
    meter: silentMeter,
    routes: {
      state,
      log,
      images: new FrameImages(),
      pages: await readPageFiles(),
      scrape: () => Promise.resolve({ type: 'text/plain', body: 'metrics\n' }),
    },
  });
  const url = await server.start();
  hub.start();
  cleanUps.push(async () => {
    hub.stop();
    await server.stop();
  });
  const publishAlert = (one: Alert): void => {
    log.add(one);
    hub.consume();
  };
  return { hub, log, publishAlert, url, wsUrl: `${url.replace('http', 'ws')}/ws` };
};

class Client {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[] = [];
  readonly maps: Buffer[] = [];
  closeCode: number | undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, 'patchwatch.v1', { headers });
    this.socket.on('message', (data: RawData, isBinary) => {
      if (isBinary) this.maps.push(data as Buffer);
      else this.messages.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>);
    });
    this.socket.on('close', (code) => (this.closeCode = code));
    this.socket.on('error', () => undefined);
    cleanUps.push(() => this.socket.terminate());
  }

  ofKind(kind: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message.kind === kind);
  }

  async until(kind: string, count = 1): Promise<Record<string, unknown>[]> {
    await waitUntil(() => this.ofKind(kind).length >= count, 5_000, `${count} × ${kind}`);
    return this.ofKind(kind);
  }

  async closed(): Promise<number> {
    await waitUntil(() => this.closeCode !== undefined, 5_000, 'the close');
    return this.closeCode ?? 0;
  }

  async identify(fields: object = {}): Promise<Record<string, unknown>> {
    await this.until('hello');
    this.socket.send(JSON.stringify({ kind: 'identify', protocol: 1, ...fields }));
    const [identified] = await this.until('identified');
    return identified!;
  }
}

describe('handshake', () => {
  test('hello, identify, identified, then the cameras; seq counts', async () => {
    const { wsUrl } = await startServer();
    const client = new Client(wsUrl);
    expect(await client.identify()).toMatchObject({ cursor: 0, replayComplete: true });
    await client.until('camera', 2);
    expect(client.messages[0]).toMatchObject({
      kind: 'hello',
      auth: false,
      cameras: ['gate', 'yard'],
    });
    expect(client.messages.map((message) => message.seq)).toEqual([1, 2, 3, 4]);
    expect(client.socket.protocol).toBe('patchwatch.v1');
  });

  test.each([
    ['no JSON', 'hello?', 4000],
    ['another kind', '{"kind":"subscribe"}', 4000],
    ['an unknown topic', '{"kind":"identify","protocol":1,"topics":["gossip"]}', 4000],
    ['another protocol', '{"kind":"identify","protocol":2}', 4004],
    ['too large a message', 'x'.repeat(70_000), 1009],
  ])('%s closes the connection with its code', async (_, message, code) => {
    const { wsUrl } = await startServer();
    const client = new Client(wsUrl);
    await client.until('hello');
    client.socket.send(message);
    expect(await client.closed()).toBe(code);
  });

  test('one client too many is told so', async () => {
    const { wsUrl } = await startServer({ maxClients: 1 });
    await new Client(wsUrl).identify();
    const second = new Client(wsUrl);
    await second.until('hello');
    second.socket.send(JSON.stringify({ kind: 'identify', protocol: 1 }));
    expect(await second.closed()).toBe(4013);
  });
});

describe('topics', () => {
  test('only the cameras and topics asked for arrive', async () => {
    const { publishAlert, wsUrl } = await startServer();
    const client = new Client(wsUrl);
    await client.identify({ topics: ['alert'], cameras: ['yard'] });
    publishAlert(alert('a', GATE));
    publishAlert(alert('b', YARD));
    const [message] = await client.until('alert');
    expect(message).toMatchObject({ cursor: 2, alert: { id: 'b', cameraId: 'yard' } });
    expect(client.ofKind('camera')).toEqual([]);
  });

  test('verdicts on the view reach who asks for them, and nobody else', async () => {
    const { hub, log, publishAlert, wsUrl } = await startServer();
    const asking = new Client(wsUrl);
    await asking.identify({ topics: ['alert', 'view'] });
    const other = new Client(wsUrl);
    await other.identify({ topics: ['alert'] });
    const view = { id: 'v', cameraId: GATE, atMs: 5, phase: 'open', verdict: 'moved' } as const;
    log.add({ kind: 'view', ...view, reason: 'the picture shows another view' });
    hub.consume();
    publishAlert(alert('a', GATE));
    await asking.until('alert');
    await other.until('alert');
    expect(asking.ofKind('view')).toMatchObject([{ cursor: 1, view }]);
    expect(other.ofKind('view')).toEqual([]);
  });

  test('maps carry the documented header and cells', async () => {
    const { hub, wsUrl } = await startServer();
    const client = new Client(wsUrl);
    await client.identify({ topics: ['map'] });
    const values = Float32Array.of(0, 2, 4, 1_000);
    hub.publishMap({ cameraId: YARD, stamp, side: 2, values, threshold: 4 });
    await waitUntil(() => client.maps.length === 1, 5_000, 'the map');
    const map = client.maps[0]!;
    expect(map.toString('latin1', 0, 4)).toBe('PWM1');
    expect(map.readUInt8(4)).toBe(0);
    expect(map.readUInt16LE(6)).toBe(2);
    expect(map.readUInt16LE(8)).toBe(1);
    expect(map.readFloatLE(12)).toBe(4);
    expect(map.readDoubleLE(16)).toBe(stamp.capturedAtMs);
    expect(map.readBigUInt64LE(24)).toBe(7n);
    expect([...map.subarray(32)]).toEqual([0, 64, 128, 255]);
  });
});

describe('replay', () => {
  test('alerts after the cursor come again, and a hole is admitted', async () => {
    const { log, publishAlert, wsUrl } = await startServer();
    for (const id of ['a', 'b', 'c', 'd']) publishAlert(alert(id));
    const client = new Client(wsUrl);
    expect(await client.identify({ resume: { cursor: 2 } })).toMatchObject({
      cursor: 4,
      replayComplete: true,
    });
    const replayed = await client.until('alert', 2);
    expect(replayed.map((message) => (message.alert as Alert).id)).toEqual(['c', 'd']);

    await log.trim(3);
    const late = new Client(wsUrl);
    expect(await late.identify({ resume: { cursor: 0 } })).toMatchObject({ replayComplete: true });
    expect(await late.until('alert', 3)).toHaveLength(3);
    const ofAnotherRun = new Client(wsUrl);
    expect(await ofAnotherRun.identify({ resume: { cursor: 99 } })).toMatchObject({
      replayComplete: false,
    });
  });
});

describe('slow clients', () => {
  test('lose maps, and are told how many', async () => {
    const { hub, publishAlert, wsUrl } = await startServer();
    const client = new Client(wsUrl);
    await client.identify({ topics: ['alert', 'map', 'stats'] });
    client.socket.pause();
    const values = new Float32Array(256 * 256);
    const sendMaps = (count: number): void => {
      for (let index = 0; index < count; index++) {
        hub.publishMap({ cameraId: GATE, stamp, side: 256, values, threshold: 4 });
      }
    };
    sendMaps(400);
    client.socket.resume();
    // Whatever fits again first brings the count of what was lost.
    await waitUntil(
      () => {
        publishAlert(alert('probe'));
        return client.ofKind('dropped').length > 0;
      },
      5_000,
      'the count of lost maps',
    );
    const [dropped] = client.ofKind('dropped');
    expect(dropped).toMatchObject({ topic: 'map' });
    expect(client.maps.length + Number(dropped?.count)).toBe(400);
  });

  test('are closed rather than lose an alert, and get it when they resume', async () => {
    const { hub, publishAlert, wsUrl } = await startServer();
    const client = new Client(wsUrl);
    await client.identify({ topics: ['alert', 'camera'] });
    client.socket.pause();
    const [status] = state.statuses();
    for (let index = 0; index < 200; index++) {
      hub.publishCamera({ ...status!, reason: 'x'.repeat(64 * 1024) });
    }
    publishAlert(alert('missed'));
    client.socket.resume();
    expect(await client.closed()).toBe(4008);
    expect(client.ofKind('alert')).toEqual([]);
    const again = new Client(wsUrl);
    await again.identify({ resume: { cursor: 0 } });
    const [message] = await again.until('alert');
    expect(message).toMatchObject({ alert: { id: 'missed' } });
  });
});

describe('access', () => {
  test('a token is needed where one is set', async () => {
    const { url, wsUrl } = await startServer({ authToken: TOKEN });
    const wrong = new Client(wsUrl);
    await wrong.until('hello');
    wrong.socket.send(JSON.stringify({ kind: 'identify', protocol: 1, token: 'guess' }));
    expect(await wrong.closed()).toBe(4003);
    await new Client(wsUrl).identify({ token: TOKEN });

    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics?token=guess`)).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('pages of other sites and foreign host names are refused', async () => {
    const { url, wsUrl } = await startServer();
    const foreign = new Client(wsUrl, { origin: 'https://evil.example' });
    await foreign.closed();
    expect(foreign.messages).toEqual([]);
    await new Client(wsUrl, { origin: 'https://ok.example' }).identify();
    await new Client(wsUrl, { origin: url }).identify();
    const rebound = new Client(wsUrl, { host: 'evil.example' });
    await rebound.closed();
    expect(rebound.messages).toEqual([]);
  });
});

describe('http', () => {
  test.each([
    ['/healthz', 200, 'application/json'],
    ['/readyz', 200, 'application/json'],
    ['/metrics', 200, 'text/plain'],
    ['/api/v1/cameras', 200, 'application/json'],
    ['/api/v1/alerts?limit=5', 200, 'application/json'],
    ['/api/v1/alerts?limit=many', 400, 'application/json'],
    ['/api/v1/cameras/gate/frame.jpg', 200, 'image/jpeg'],
    ['/api/v1/cameras/yard/frame.jpg', 503, 'application/json'],
    ['/api/v1/cameras/door/frame.jpg', 404, 'application/json'],
    ['/../../etc/passwd', 404, 'application/json'],
    ['/', 200, 'text/html'],
  ])('GET %s answers %i', async (path, status, type) => {
    const { url } = await startServer();
    const response = await fetch(url + path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('other methods are refused', async () => {
    const { url } = await startServer();
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });
});
