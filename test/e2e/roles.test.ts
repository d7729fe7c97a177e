// One box or four processes around Redis: the same frames give the same scores and the same alerts. ROLES_CAMERAS says
// of how many cameras (1); many are played by one process first and by the four after it, as both would be too much.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import type { Alert } from '../../src/core/alert.ts';
import { isAlert } from '../../src/core/event.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { readMetrics } from '../support/metric-values.ts';
import { OutcomeTail } from '../support/outcome-tail.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WireClient } from '../support/wire-client.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const SECOND = 1_000;
const CAMERAS = Array.from(
  { length: Number(process.env.ROLES_CAMERAS ?? 1) },
  (_, index) => `lawn-${index + 1}`,
);
const [FIRST = ''] = CAMERAS;
const labelOf = (camera: string): string => `camera="${camera}"`;

const CAMERA_SETTINGS = `{ url: ${CLIP}, smoothing: 1, alert: { minDuration: 300ms, cooldown: 1500ms } }`;

// Durations lie between multiples of the time from frame to frame: jitter of arrival moves an end by one at most.
const configuration = (queue: string): string => `
log: { format: json }
server: { port: 0 }
queue: ${queue}
cameras:
${CAMERAS.map((camera) => `  ${camera}: ${CAMERA_SETTINGS}`).join('\n')}
`;

const urlOf = (process: Patchwatch): string =>
  /"url":"(http:\/\/[^/"]+)/.exec(process.stderr)?.[1] ?? '';

const FRAME_MS = 200;

/** Opening and closing, without the time of day; updates come by the clock. */
const sights = (alerts: readonly Alert[]) =>
  alerts
    .filter(({ phase }) => phase !== 'update')
    .map(({ phase, peakScore, peak, region }) => ({
      ...{ phase, peak, region },
      peakScore: peakScore.toPrecision(5),
    }));

const times = (alerts: readonly Alert[]): readonly number[] =>
  alerts.filter(({ phase }) => phase !== 'update').map(({ mediaTimeMs }) => mediaTimeMs);

const alertsOf = (client: WireClient, camera: string): readonly Alert[] =>
  client.alerts.filter(({ cameraId }) => cameraId === camera);

type Scores = ReadonlyMap<number, number>;

const expectSameScores = (got: Scores, expected: Scores): void => {
  expect([...got.keys()].toSorted((a, b) => a - b)).toEqual([...expected.keys()]);
  for (const [mediaTimeMs, score] of expected) {
    const difference = Math.abs((got.get(mediaTimeMs) ?? 0) - score);
    expect(difference, `frame at ${mediaTimeMs} ms`).toBeLessThanOrEqual(1e-5 * score);
  }
};

const expectSameAlerts = (got: readonly Alert[], expected: readonly Alert[]): void => {
  expect(sights(expected).length).toBeGreaterThan(2);
  expect(sights(got)).toEqual(sights(expected));
  const expectedTimes = times(expected);
  times(got).forEach((time, index) => {
    expect(Math.abs(time - (expectedTimes[index] ?? 0))).toBeLessThanOrEqual(FRAME_MS);
  });
};

const startIn = (folder: TempDir, ...args: string[]): Patchwatch =>
  new Patchwatch(['run', ...args], { cwd: folder.path });

const untilSays = (process: Patchwatch, text: string): Promise<void> =>
  waitUntil(() => process.stderr.includes(`"${text}"`), 30 * SECOND, `"${text}"`);

/** Everything in one process, its scores with all their digits. */
const playInOne = async (configPath: string) => {
  const built = join(ROOT, 'dist', 'app', 'daemon.js');
  const { Daemon } = (await import(
    pathToFileURL(built).href
  )) as typeof import('../../src/app/daemon.ts');
  const alerts: Alert[] = [];
  const scores = new Map(CAMERAS.map((camera) => [camera, new Map<number, number>()]));
  const daemon = new Daemon({
    config: await loadConfig(configPath, {}),
    logger: silentLogger,
    consumers: [
      {
        name: 'test',
        isDurable: false,
        consume: (entries) => {
          for (const { event } of entries) if (isAlert(event)) alerts.push(event);
        },
      },
    ],
    onFrame: ({ cameraId, stamp, score }) => scores.get(cameraId)?.set(stamp.mediaTimeMs, score),
  });
  await daemon.start();
  await daemon.untilSourcesEnd();
  await daemon.stop();
  return { alerts, scores };
};

describe.skipIf(!hasRedis)('roles', () => {
  let folder: TempDir;
  let redis: RedisServer;

  beforeAll(
    async () => {
      folder = await tempDir();
      redis = await RedisServer.start();
      const queue = `{ kind: bullmq, redis: { url: '${redis.url}' } }`;
      await writeFile(folder.at('one.yaml'), configuration('{ kind: memory }'));
      await writeFile(folder.at('patchwatch.yaml'), configuration(queue));
      for (const camera of CAMERAS) {
        const fit = ['fit', '--camera', camera, '--duration', '40s'];
        expect((await patchwatch(fit, { cwd: folder.path })).code).toBe(0);
      }
    },
    CAMERAS.length * 60 * SECOND,
  );

  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('ingest, two workers and a gateway do what one process does', async () => {
    const before = CAMERAS.length > 1 ? await playInOne(folder.at('one.yaml')) : undefined;
    await using tail = OutcomeTail.start(redis.url);
    await using gateway = startIn(folder, '--role', 'gateway');
    await untilSays(gateway, 'scene model published');
    await using first = startIn(folder, '--role', 'worker');
    await using second = startIn(folder, '--role', 'worker');
    await Promise.all([untilSays(first, 'scoring'), untilSays(second, 'scoring')]);
    const url = urlOf(gateway);
    using client = new WireClient(url);
    await using ingest = startIn(folder, '--role', 'ingest', '--metrics-port', '0');
    await untilSays(ingest, 'camera is up');
    expect((await readMetrics(urlOf(ingest)))('patchwatch_camera_up')).toBeGreaterThan(0);
    await waitUntil(
      async () => (await readMetrics(url))('patchwatch_camera_up') > 0,
      20 * SECOND,
      'the gateway to know of the camera',
    );
    // It has no scoring process: that is no 0.
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).not.toMatch(/^patchwatch_scorer_up /m);
    expect(metrics).toMatch(/^patchwatch_build_info\{[^}]*role="gateway"/m);
    const frame = await fetch(`${url}/api/v1/cameras/${FIRST}/frame.jpg`);
    expect(frame.headers.get('content-type')).toBe('image/jpeg');

    const one = before ?? (await playInOne(folder.at('one.yaml')));

    const state = async (): Promise<unknown> =>
      (await (await fetch(`${url}/api/v1/cameras`)).json()) as unknown;
    await waitUntil(
      async () => JSON.stringify(await state()).split('"ended"').length > CAMERAS.length,
      120 * SECOND,
      'the end of the clip',
    );
    await waitUntil(
      async () => (await readMetrics(url))('patchwatch_frames_in_flight') === 0,
      20 * SECOND,
      'the last frames',
    );
    const value = await readMetrics(url);
    expect(value('patchwatch_workers')).toBe(2);
    expect(value('patchwatch_frames_dropped_total')).toBe(0);
    await waitUntil(
      () => CAMERAS.every((camera) => alertsOf(client, camera).at(-1)?.phase === 'close'),
      20 * SECOND,
      'the last close',
    );
    for (const camera of CAMERAS) {
      const scores = one.scores.get(camera)!;
      expect(value('patchwatch_frames_captured_total', labelOf(camera))).toBe(scores.size);
      expect(value('patchwatch_frames_scored_total', labelOf(camera))).toBe(scores.size);
      expectSameScores(tail.scores(camera), scores);
      const alone = one.alerts.filter(({ cameraId }) => cameraId === camera);
      expectSameAlerts(alertsOf(client, camera), alone);
    }

    for (const process of [ingest, first, second, gateway]) {
      process.kill('SIGTERM');
      const { code, stderr } = await process.outcome();
      expect(code).toBe(0);
      expect(stderr.trim().split('\n').at(-1)).toContain('"message":"stopped"');
    }
  });
});
