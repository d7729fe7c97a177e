// kill -9 of the whole daemon in the middle of an open alert, again and again: a client that resumes from its cursor
// gets every phase once, and the alert closes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import type { Alert } from '../../src/core/alert.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const SECOND = 1_000;
const KILLS = 3;

interface Told {
  readonly cursor: number;
  readonly alert: Alert;
}

let folder: TempDir;

beforeAll(async () => {
  folder = await tempDir();
  await configure(5);
  const fit = await patchwatch(['fit', '--camera', 'lawn', '--from', CLIP, '--duration', '40s'], {
    cwd: folder.path,
  });
  expect(fit.code).toBe(0);
});

afterAll(() => folder[Symbol.asyncDispose]());

/** @param threshold 5 is far below what the clip scores, so that an alert is always open; a million above */
const configure = (threshold: number): Promise<void> =>
  writeFile(
    folder.at('patchwatch.yaml'),
    `
log: { format: json }
server: { port: 0 }
cameras:
  lawn:
    url: ${CLIP}
    loop: true
    alert: { threshold: ${threshold}, minDuration: 100ms, updateInterval: 200ms, cooldown: 1s }
`,
  );

const start = async (): Promise<{ readonly daemon: Patchwatch; readonly url: string }> => {
  const daemon = new Patchwatch(['run'], { cwd: folder.path });
  await waitUntil(() => daemon.stderr.includes('"watching"'), 30 * SECOND, 'the daemon');
  return { daemon, url: /"url":"(http[^"]+)"/.exec(daemon.stderr)?.[1] ?? '' };
};

/** Keeps what it is told after the cursor. */
const listen = (url: string, cursor: number, told: Told[]): WebSocket => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'patchwatch.v1');
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { kind: string } & Told;
    if (message.kind === 'hello')
      socket.send(JSON.stringify({ kind: 'identify', protocol: 1, resume: { cursor } }));
    if (message.kind === 'alert') told.push({ cursor: message.cursor, alert: message.alert });
  });
  return socket;
};

test(
  'every phase is told once over kills, and the alert closes',
  { timeout: 180 * SECOND },
  async () => {
    const told: Told[] = [];
    const cursor = (): number => told.at(-1)?.cursor ?? 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const { daemon, url } = await start();
      const socket = listen(url, cursor(), told);
      const before = told.length;
      // Some are killed over their first phase, others after several.
      await waitUntil(() => told.length > before + kill, 60 * SECOND, 'phases of an alert');
      daemon.kill('SIGKILL');
      await daemon.outcome();
      socket.terminate();
    }
    expect(told.at(-1)?.alert.phase).not.toBe('close');
    const open = told.at(-1)?.alert.id;

    await configure(1e6);
    const { daemon, url } = await start();
    const socket = listen(url, cursor(), told);
    const isClosed = (): boolean =>
      told.some(({ alert }) => alert.id === open && alert.phase === 'close');
    await waitUntil(isClosed, 60 * SECOND, 'the alert to close');
    const everything: Told[] = [];
    const replay = listen(url, 0, everything);
    await waitUntil(() => everything.length >= told.length, 10 * SECOND, 'everything again');
    socket.terminate();
    replay.terminate();
    daemon.kill('SIGTERM');
    expect((await daemon.outcome()).code).not.toBe(70);

    expect(told).toEqual(everything);
    const cursors = told.map((one) => one.cursor);
    expect(cursors).toEqual([...new Set(cursors)].sort((a, b) => a - b));
    for (const id of new Set(told.map(({ alert }) => alert.id))) {
      const phases = told.filter(({ alert }) => alert.id === id).map(({ alert }) => alert.phase);
      expect(phases[0]).toBe('open');
      expect(phases.at(-1)).toBe('close');
      expect(phases.slice(1, -1).every((phase) => phase === 'update')).toBe(true);
    }
  },
);
