// A camera on a scene in which nothing moves, with the gate on: one frame a second is scored, the others are counted,
// and every frame is accounted for.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');

test('most frames of a still scene are left out, none is lost', async () => {
  await using folder = await tempDir();
  const still = folder.at('still.mp4');
  // One picture of the clip for a minute, with a sensor's noise.
  const filter = 'loop=loop=-1:size=1,setpts=N/(10*TB),noise=alls=4:allf=t';
  const made = ['-vf', filter, '-t', '60', '-r', '10', '-preset', 'ultrafast', still];
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', CLIP, ...made]);
  await writeFile(
    folder.at('patchwatch.yaml'),
    `
log: { format: json }
server: { port: 0 }
cameras:
  yard: { url: ${still}, loop: true, staticGate: true }
`,
  );
  const fit = ['fit', '--camera', 'yard', '--from', CLIP, '--duration', '24s'];
  expect((await patchwatch(fit, { cwd: folder.path })).code).toBe(0);
  await using daemon = new Patchwatch(['run'], { cwd: folder.path });
  await waitUntil(() => daemon.stderr.includes('"watching"'), 20_000, 'the daemon');
  const url = /"url":"(http[^"]+)"/.exec(daemon.stderr)?.[1] ?? '';
  const unchanged = async (): Promise<number> =>
    (await readMetrics(url))('patchwatch_frames_dropped_total', 'reason="unchanged"');
  await waitUntil(async () => (await unchanged()) >= 20, 60_000, 'frames left out');

  const value = await readMetrics(url);
  const captured = value('patchwatch_frames_captured_total');
  const scored = value('patchwatch_frames_scored_total');
  const dropped = value('patchwatch_frames_dropped_total');
  expect(captured).toBe(scored + dropped + value('patchwatch_frames_in_flight'));
  expect(dropped).toBe(value('patchwatch_frames_dropped_total', 'reason="unchanged"'));
  // The camera is never blind: a frame is scored for every four that are left out, and those of the start.
  expect(scored).toBeGreaterThan(dropped / 5);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});
