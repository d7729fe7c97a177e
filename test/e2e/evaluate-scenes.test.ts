// `evaluate --dataset scenes` on the shipped clip, described as one: people walk over the lawn from 51 s on.
import { existsSync, readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT, patchwatch } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const CLIP = join(ROOT, 'assets/demo/vtest.mp4');

test('a clip is learnt, watched and judged; one that is too short says so', async () => {
  await using folder = await tempDir();
  await symlink(CLIP, folder.at('square.mp4'));
  const square = {
    file: 'square.mp4',
    framesPerSecond: 10,
    frames: 795,
    normal: [0, 479],
    events: [[510, 735, 'people on the lawn']],
  };
  const short = { ...square, file: 'short.mp4', normal: [0, 40] };
  await writeFile(folder.at('square.json'), JSON.stringify(square));
  await writeFile(folder.at('short.json'), JSON.stringify(short));
  await symlink(CLIP, folder.at('short.mp4'));
  const args = ['evaluate', '--dataset', 'scenes', '--root', folder.path];
  const out = folder.at('report');

  const { code, stdout, stderr } = await patchwatch([...args, '--json', '--report', out]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({
    dataset: 'scenes',
    clips: [
      { clip: 'short', cantTell: expect.stringContaining('too few') as string },
      {
        clip: 'square',
        framesPerSecond: 5,
        cantTell: null,
        events: [{ kind: 'real', found: true, delaySeconds: expect.any(Number) as number }],
      },
    ],
    byKind: { real: { found: 1, total: 1 } },
    pooled: { events: 1, eventsFound: 1, untoldEvents: 1, viewRight: 0, viewWrong: 0 },
  });
  expect(existsSync(join(out, 'index.html'))).toBe(true);
  const page = readFileSync(join(out, 'index.html'), 'utf8');
  expect(page).toContain('people on the lawn: found after');
  expect(page.match(/data:image\/jpeg/g)?.length).toBeGreaterThan(3);
});
