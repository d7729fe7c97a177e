// `npm run simulate`: the daemon's queue between processes, measured. Figures are not judged here; that they are
// there, and that work spreads, is.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { ROOT } from '../support/patchwatch.ts';
import { hasRedis } from '../support/redis-server.ts';

const simulate = async (args: readonly string[]): Promise<Record<string, number | null>> => {
  const script = join(ROOT, 'tools/simulate/simulate.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args, '--json']);
  return JSON.parse(stdout) as Record<string, number | null>;
};

test.skipIf(!hasRedis)(
  'cameras that keep time, and workers that sleep (needs redis-server)',
  async () => {
    const light = ['--payload-bytes', '1000', '--seconds', '3'];
    const calm = await simulate(['--cameras', '10', ...light]);
    expect(calm.segmentsPerSecond).toBeGreaterThan(0);
    expect(calm.droppedSegments).toBe(0);
    for (const [name, value] of Object.entries(calm)) {
      if (name !== 'saturate') expect(value, name).toEqual(expect.any(Number));
    }
    const busy = await simulate([
      ...light,
      ...['--cameras', '4', '--saturate', '40', '--workers', '2', '--service-ms', '20'],
    ]);
    // Two workers, 40 ms a segment each: more than one alone could do.
    expect(busy.segmentsPerSecond).toBeGreaterThan(25);
  },
);

test('a flag that is no number is refused in one line', async () => {
  await expect(simulate(['--cameras', 'many'])).rejects.toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/^simulate: --cameras many: expected a whole number/) as string,
  });
});
