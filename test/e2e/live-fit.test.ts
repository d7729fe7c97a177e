// `fit` on a live stream that breaks: what is written, and how the command ends.
import { readdir, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { LiveStream } from '../support/live-stream.ts';
import { patchwatch, type Outcome } from '../support/patchwatch.ts';
import { tempDir } from '../support/temp-dir.ts';

const fit = async (
  server: LiveStream,
  duration: string,
): Promise<Outcome & { readonly written: readonly string[] }> => {
  await using dir = await tempDir();
  await writeFile(
    dir.at('patchwatch.yaml'),
    `dataDir: data\ndefaults: { fps: 10 }\ncameras:\n  yard: { url: '${server.url}' }\n`,
  );
  const outcome = await patchwatch(['fit', '--camera', 'yard', '--duration', duration], {
    cwd: dir.path,
  });
  const written = await readdir(dir.at('data'), { recursive: true }).catch(() => []);
  return { ...outcome, written: written.filter((name) => /\.(?:safetensors|rgb24)$/.test(name)) };
};

test.concurrent('one that comes back: the fit goes on until it has what was asked', async () => {
  await using server = await new LiveStream({ firstSeconds: 8 }).start();
  const { code, stderr, written } = await fit(server, '6s');
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('stream broke: opening it again');
  expect(server.requestCount).toBeGreaterThanOrEqual(2);
  expect(written).toHaveLength(2); // the model, and what --extend goes on from
});

test.concurrent('one that stays away: one line with what was got, and no model', async () => {
  await using server = await new LiveStream({
    firstSeconds: 8,
    refuse: (request) => (request === 1 ? undefined : 401),
  }).start();
  const { code, stderr, written } = await fit(server, '60s');
  expect(code).toBe(64);
  expect(stderr).toMatch(
    /^patchwatch: camera yard gave \d+ s of the 60 s to learn, then no more; nothing was written; check the camera \(.*401.*\)$/m,
  );
  expect(written).toEqual([]);
});
