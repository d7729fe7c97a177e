// `score` on the shipped clip: fitted on its first 48 seconds, then all of it is scored for real.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');

test('a recording: the alerts it would have raised, a row a frame, an overlay video', async () => {
  await using folder = await tempDir();
  const config = folder.at('patchwatch.yaml');
  await writeFile(config, `cameras:\n  square: { url: '${CLIP}', fps: 10 }\n`);
  const score = ['score', '-c', config, '--camera', 'square', '--from', CLIP];
  const out = folder.at('out');

  const unfitted = await patchwatch([...score, '--out', out]);
  expect(unfitted.code).toBe(69);
  expect(unfitted.stderr).toMatch(/never fitted: node dist\/main\.js fit -c .* --camera square/);
  expect(existsSync(out)).toBe(false);

  const fitted = await patchwatch(['fit', '-c', config, '--camera', 'square', '--duration', '48s']);
  expect(fitted.code, fitted.stderr).toBe(0);

  const scored = await patchwatch([...score, '--out', out, '--json']);
  expect(scored.code, scored.stderr).toBe(0);
  const report = JSON.parse(scored.stdout) as {
    frames: number;
    threshold: number;
    alerts: { id: string; firstFrame: number; startSeconds: number; endSeconds: number }[];
  };
  expect(report.frames).toBe(795);
  expect(report.alerts.length).toBeGreaterThan(0);
  for (const alert of report.alerts) {
    expect(alert.firstFrame).toBeGreaterThanOrEqual(495);
    expect(alert.firstFrame).toBeLessThanOrEqual(735);
  }

  const [header, ...rows] = readFileSync(join(out, 'scores.csv'), 'utf8').trim().split('\n');
  expect(header).toBe('frame,media_time_s,score,threshold,alert_id,peak_x,peak_y');
  expect(rows).toHaveLength(795);
  const inAlert = rows.map((row) => row.split(',')).filter((cells) => cells[4] !== '');
  expect(new Set(inAlert.flatMap((cells) => cells[4]?.split(' ') ?? []))).toEqual(
    new Set(report.alerts.map(({ id }) => id)),
  );
  expect(JSON.parse(readFileSync(join(out, 'alerts.json'), 'utf8'))).toEqual(report.alerts);

  const probe = ['-v', 'error', '-count_frames', '-of', 'csv=p=0'];
  const shown = ['-show_entries', 'stream=codec_name,width,nb_read_frames'];
  const video = execFileSync('ffprobe', [...probe, ...shown, join(out, 'overlay.mp4')]);
  expect(video.toString().trim()).toBe('h264,512,795');
  expect(readdirSync(out).sort()).toEqual(['alerts.json', 'overlay.mp4', 'scores.csv']);
});
