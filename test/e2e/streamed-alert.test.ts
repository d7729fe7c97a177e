// What happens in the shipped clip, seen through streams as cameras send them: a playlist of segments, and a network
// that loses packets. The lawn crossing alerts as it does over a file, and nothing else does.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Alert } from '../../src/core/alert.ts';
import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { RtspServer } from '../support/rtsp-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WireClient } from '../support/wire-client.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const SECOND = 1_000;
/** Nobody leaves the paths before; people walk on the lawn from 49.5 s to 73.5 s. */
const LEARNT_S = 48;
const FROM_S = 46;
const CROSSING_FROM_S = 49.5;

/** The same losses in each run. */
const losing = (share: number): (() => boolean) => {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32 < share;
  };
};

/**
 * Pictures of a packet or two, key frames of ten: of larger ones hardly any arrives whole when three packets in a
 * hundred are lost.
 */
const lossyCamera = (share: number): RtspServer =>
  new RtspServer({
    transports: ['udp'],
    waitsForPlayer: true,
    camera: {
      codec: 'H265',
      picture: `movie=${CLIP}:seek_point=${FROM_S},setpts=PTS-STARTPTS`,
      gop: 20,
      crf: 34,
      isLost: losing(share),
    },
  });

/** Segments over HTTP, from the first request for the playlist on. */
class Playlist implements AsyncDisposable {
  readonly #folder: TempDir;
  readonly #server: Server;
  #encoder: ChildProcess | undefined;
  startedAtMs: number | undefined;

  constructor(folder: TempDir) {
    this.#folder = folder;
    this.#server = createServer(({ url = '' }, response) => {
      this.#read(basename(url)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/live.m3u8`;
  }

  get isOver(): boolean {
    return this.#encoder !== undefined && this.#encoder.exitCode !== null;
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#encoder?.exitCode === null) {
      const gone = once(this.#encoder, 'exit');
      this.#encoder.kill('SIGKILL');
      await gone;
    }
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  async #read(name: string): Promise<Buffer> {
    const path = this.#folder.at(name);
    if (name === 'live.m3u8') {
      this.#encoder ??= this.#encode(path);
      await waitUntil(
        () =>
          readFile(path).then(
            () => true,
            () => false,
          ),
        30 * SECOND,
        'the first segment',
      );
    }
    return readFile(path);
  }

  #encode(path: string): ChildProcess {
    this.startedAtMs = Date.now();
    return spawn(
      'ffmpeg',
      [
        ...['-v', 'error', '-nostdin', '-re', '-ss', String(FROM_S), '-i', CLIP, '-threads', '1'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '20'],
        ...['-f', 'hls', '-hls_time', '2', '-hls_list_size', '5', path],
      ],
      { stdio: 'ignore' },
    );
  }
}

let folder: TempDir;
let playlist: Playlist;
const slightly = lossyCamera(0.005);
const badly = lossyCamera(0.03);
let daemon: Patchwatch;
let client: WireClient;
let url = '';

const source = (camera: string): { readonly startedAtMs: number | undefined } => {
  if (camera === 'playlist') return playlist;
  return camera === 'slightly' ? slightly : badly;
};

beforeAll(async () => {
  folder = await tempDir();
  playlist = new Playlist(folder);
  await Promise.all([playlist.start(), slightly.start(), badly.start()]);
  await writeFile(
    folder.at('patchwatch.yaml'),
    `
dataDir: data
log: { format: json }
server: { port: 0 }
defaults: { fps: 5 }
cameras:
  playlist: { url: '${playlist.url}' }
  slightly: { url: '${slightly.url()}', transport: udp }
  badly: { url: '${badly.url()}', transport: udp }
`,
  );
  const { code, stderr } = await patchwatch(
    ['fit', '--camera', 'playlist', '--from', CLIP, '--duration', `${LEARNT_S}s`],
    { cwd: folder.path },
  );
  expect(code, stderr).toBe(0);
  for (const camera of ['slightly', 'badly'])
    await cp(folder.at('data', 'models', 'playlist'), folder.at('data', 'models', camera), {
      recursive: true,
    });
  daemon = new Patchwatch(['run'], { cwd: folder.path });
  await waitUntil(() => daemon.stderr.includes('"watching"'), 30 * SECOND, 'the daemon');
  url = /"url":"(http[^"]+)"/.exec(daemon.stderr)?.[1] ?? '';
  client = new WireClient(url);
  await waitUntil(
    () => slightly.isOver && badly.isOver && playlist.isOver,
    180 * SECOND,
    'the clip to be over',
  );
  await waitUntil(
    () =>
      ['slightly', 'badly'].every((camera) =>
        ['stalled', 'down'].includes(client.states.get(camera)?.at(-1) ?? ''),
      ),
    60 * SECOND,
    'its last picture',
  );
}, 240 * SECOND);

afterAll(async () => {
  client[Symbol.dispose]();
  await daemon[Symbol.asyncDispose]();
  await Promise.all([playlist[Symbol.asyncDispose](), slightly.stop(), badly.stop()]);
  await folder[Symbol.asyncDispose]();
});

/** Seconds of the clip when the alert began, or more: streams lag behind. */
const beganAtS = ({ cameraId, startedAtMs }: Alert): number =>
  FROM_S + (startedAtMs - (source(cameraId).startedAtMs ?? NaN)) / SECOND;

const opened = (camera: string): readonly Alert[] =>
  client.alerts.filter(({ cameraId, phase }) => cameraId === camera && phase === 'open');

const expectOnTheLawn = (alert: Alert): void => {
  expect(beganAtS(alert)).toBeGreaterThan(CROSSING_FROM_S);
  // The lawn fills the picture below the path; who stops on it at its far edge is seen from the hips down.
  expect(alert.region.y + alert.region.height).toBeGreaterThan(0.55);
};

test('a playlist of segments: one anomaly in a pass, and never a stall', async () => {
  await waitUntil(
    () => client.alerts.some(({ cameraId, phase }) => cameraId === 'playlist' && phase === 'close'),
    30 * SECOND,
    'the alert to close',
  );
  const alerts = opened('playlist');
  // Who stops on the lawn may be told as a change besides.
  expect(alerts.filter(({ kind }) => kind === 'anomaly')).toHaveLength(1);
  alerts.forEach(expectOnTheLawn);
  expect(new Set(client.states.get('playlist'))).toEqual(new Set(['connecting', 'up']));
});

test.each(['slightly', 'badly'])(
  'packets that are lost, %s: damaged pictures are left out, counted and told; the event alerts, nothing else does',
  async (camera) => {
    const alerts = opened(camera);
    expect(alerts.length).toBeGreaterThan(0);
    alerts.forEach(expectOnTheLawn);
    const labels = `camera="${camera}",reason="damaged"`;
    expect((await readMetrics(url))('patchwatch_frames_dropped_total', labels)).toBeGreaterThan(0);
    expect(daemon.stderr).toMatch(
      new RegExp(`"camera":"${camera}",[^\\n]*"message":"damaged pictures are left out until`),
    );
  },
);
