// `npm run soak -- --accelerated`, for a few seconds: what a process keeps of each segment, coarsely. Of all-in-one it
// sees an object a batch; of the roles on Redis, which are slower, whoever keeps pixels, maps or outcomes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../support/patchwatch.ts';
import { hasRedis } from '../support/redis-server.ts';

interface Report {
  readonly runs: readonly { readonly segments: number; readonly dropped: number }[];
  readonly rows: readonly {
    readonly who: string;
    readonly measure: string;
    readonly slope: number;
  }[];
}

/** Its exit code judges more finely than a few seconds allow. */
const soak = async (args: readonly string[]): Promise<{ stdout: string; stderr: string }> => {
  const script = join(ROOT, 'tools/soak/main.mjs');
  const child = spawn(process.execPath, [script, '--accelerated', ...args]);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  await once(child, 'close');
  return said;
};

/** Bytes, or keys, a segment. */
const growth = async (args: readonly string[]): Promise<Map<string, number>> => {
  const { stdout } = await soak([...args, '--json']);
  const { runs, rows } = JSON.parse(stdout) as Report;
  for (const { segments, dropped } of runs) {
    expect(segments).toBeGreaterThan(0);
    expect(dropped).toBe(0);
  }
  return new Map(rows.map(({ who, measure, slope }) => [`${who} ${measure}`, slope / 1e6]));
};

test('all-in-one keeps nothing of a segment', async () => {
  const grows = await growth(['--only', 'all-in-one', '--segments', '100000']);
  expect(grows.get('all-in-one heap')).toBeLessThan(12);
  expect(grows.get('all-in-one external')).toBeLessThan(20);
  expect(grows.get('all-in-one disk')).toBeLessThan(200);
});

test.skipIf(!hasRedis)(
  'neither do ingest, worker, gateway and Redis (needs redis-server)',
  async () => {
    const grows = await growth(['--only', 'redis', '--minutes', '0.15']);
    for (const who of ['ingest', 'worker', 'gateway']) {
      expect(grows.get(`${who} external`), who).toBeLessThan(200);
      expect(grows.get(`${who} heap`), who).toBeLessThan(400);
    }
    expect(grows.get('redis keys')).toBeLessThan(0.01);
  },
);

test('a flag that is no number is refused in one line', async () => {
  const { stderr } = await soak(['--segments', 'many']);
  expect(stderr).toBe('soak: --segments many: expected a number above 0\n');
});
