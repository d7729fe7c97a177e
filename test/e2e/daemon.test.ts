// A whole daemon on real streams: alerts and maps over WebSocket, a camera that goes and comes back, a scorer
// that is killed, and every frame accounted for throughout.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { RtspServer } from '../support/rtsp-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WireClient } from '../support/wire-client.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const SECOND = 1_000;

let folder: TempDir;
let rtsp: RtspServer;
let daemon: Patchwatch;
let url = '';

/** The scorer's process id, from the daemon's log. */
const scorerPids = (): number[] =>
  [...daemon.stderr.matchAll(/"pid":(\d+),.*"message":"scoring process ready"/g)].map((match) =>
    Number(match[1]),
  );

const scored = async (camera: string): Promise<number> =>
  (await readMetrics(url))('patchwatch_frames_scored_total', `camera="${camera}"`);

const untilScored = async (camera: string, more: number, timeoutMs: number): Promise<void> => {
  const before = await scored(camera);
  await waitUntil(
    async () => (await scored(camera)) >= before + more,
    timeoutMs,
    `${camera} scored`,
  );
};

beforeAll(async () => {
  folder = await tempDir();
  // The scene that is learnt: another view would be told as one, and raise no alert.
  const picture = `movie=${CLIP}:loop=0,setpts=N/(10*TB),fps=10,scale=320:240`;
  rtsp = new RtspServer({ camera: { codec: 'H264', picture, gop: 5 } });
  await rtsp.start();
  await writeFile(
    folder.at('patchwatch.yaml'),
    `
log: { format: json }
server: { port: 0 }
defaults:
  # Far below what the footage scores, so that alerts are open from the start.
  alert: { threshold: 5, minDuration: 100ms, updateInterval: 200ms }
cameras:
  lawn: { url: ${CLIP}, loop: true }
  stream: { url: '${rtsp.url()}' }
`,
  );
  for (const camera of ['lawn', 'stream']) {
    const args = ['fit', '--camera', camera, '--from', CLIP, '--duration', '40s'];
    const { code, stderr } = await patchwatch(args, { cwd: folder.path });
    expect(stderr).not.toMatch(/^patchwatch:/m);
    expect(code).toBe(0);
  }
  daemon = new Patchwatch(['run'], { cwd: folder.path });
  await waitUntil(() => daemon.stderr.includes('"watching"'), 20 * SECOND, 'the daemon');
  url = /"url":"(http[^"]+)"/.exec(daemon.stderr)?.[1] ?? '';
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await rtsp.stop();
  await folder[Symbol.asyncDispose]();
});

const expectBalanced = async (): Promise<void> => {
  const value = await readMetrics(url);
  for (const camera of ['lawn', 'stream']) {
    const labels = `camera="${camera}"`;
    const accounted =
      value('patchwatch_frames_scored_total', labels) +
      value('patchwatch_frames_dropped_total', labels) +
      value('patchwatch_frames_in_flight', labels);
    expect(value('patchwatch_frames_captured_total', labels)).toBe(accounted);
  }
};

test('alerts and maps of both cameras reach a client', async () => {
  using client = new WireClient(url);
  await waitUntil(
    () => new Set(client.alerts.map((alert) => alert.cameraId)).size === 2 && client.mapCount > 10,
    30 * SECOND,
    'alerts of both cameras and maps',
  );
  expect(client.alerts.find((alert) => alert.phase === 'open')).toBeDefined();
  await waitUntil(async () => (await fetch(`${url}/readyz`)).ok, 10 * SECOND, 'readiness');
  await expectBalanced();
  const value = await readMetrics(url);
  expect(value('patchwatch_scene_models')).toBe(2);
  expect(value('patchwatch_scene_model_load_seconds_count')).toBe(2);
});

test('the page’s own client in Python, as the protocol’s documentation shows it', async (context) => {
  const python = ['python3', '/usr/bin/python3'].find((candidate) => {
    try {
      execFileSync(candidate, ['-c', 'import websockets'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  if (python === undefined) {
    context.skip('needs Python with the package "websockets"');
    return;
  }
  const wire = readFileSync(join(ROOT, 'docs/ref/wire.md'), 'utf8');
  const code = /```python\n([\s\S]*?)```/.exec(wire)?.[1] ?? '';
  const program = code.replace('ws://127.0.0.1:8095/ws', `${url.replace('http', 'ws')}/ws`);
  const client = spawn(python, ['-u', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let output = '';
    client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitUntil(
      () => /^open (lawn|stream) /m.test(output) && /^map of lawn frame \d+ peak/m.test(output),
      20 * SECOND,
      'an alert and a map in the Python client',
    );
  } finally {
    client.kill();
  }
});

test('kill -9 of the scoring process: it comes back, alerts go on, the daemon never stopped', async () => {
  using client = new WireClient(url);
  await untilScored('lawn', 5, 10 * SECOND);
  const [first] = scorerPids();
  process.kill(first ?? 0, 'SIGKILL');
  await waitUntil(() => scorerPids().length === 2, 20 * SECOND, 'a new scoring process');
  client.alerts.length = 0;
  await untilScored('lawn', 10, 20 * SECOND);
  await waitUntil(() => client.alerts.length > 0, 10 * SECOND, 'alerts after the restart');
  const value = await readMetrics(url);
  expect(value('patchwatch_scorer_restarts_total')).toBe(1);
  await expectBalanced();
});

test('an RTSP camera that goes away and comes back recovers by itself', async () => {
  await untilScored('stream', 5, 10 * SECOND);
  await rtsp.stop();
  await waitUntil(
    async () => (await readMetrics(url))('patchwatch_camera_up', 'camera="stream"') === 0,
    30 * SECOND,
    'the camera to be down',
  );
  // What was scored last is not what is now.
  await waitUntil(
    async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      expect(text).toContain('patchwatch_score{camera="lawn"}');
      return !/^patchwatch_score(?:_threshold)?\{camera="stream"\}/m.test(text);
    },
    30 * SECOND,
    'its score to go',
  );
  await untilScored('lawn', 5, 10 * SECOND);
  await rtsp.start();
  // Frames of before may still be scored: those of after come when it is up again.
  await waitUntil(
    async () => {
      const value = await readMetrics(url);
      return (
        value('patchwatch_camera_reconnects_total', 'camera="stream"') > 0 &&
        value('patchwatch_camera_up', 'camera="stream"') === 1
      );
    },
    60 * SECOND,
    'the stream to be back',
  );
  await untilScored('stream', 5, 60 * SECOND);
  await expectBalanced();
});

test('SIGTERM: open alerts close, nothing is left over, exit code 0', async () => {
  using client = new WireClient(url);
  await waitUntil(() => client.alerts.length > 0, 10 * SECOND, 'the replay');
  const pid = scorerPids().at(-1) ?? 0;
  daemon.kill('SIGTERM');
  const { code, stderr } = await daemon.outcome();
  expect(code).toBe(0);
  expect(stderr.trim().split('\n').at(-1)).toContain('"message":"stopped"');
  expect(client.alerts.filter((alert) => alert.phase === 'close').length).toBeGreaterThan(0);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
