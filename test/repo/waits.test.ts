// `Promise.race` leaves a reaction on its longest promise for every call, and with it what the others came to;
// `AbortSignal.any` leaves a reference on its longest signal. What waits again and again goes through `orAborted` and
// `abortWith` (core/deferred.ts), which leave nothing.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', '..', 'src');
const WAIT = /\b(?:Promise\s*\.\s*race|AbortSignal\s*\.\s*any)\b/g;

/** How many each file may have, all of which happen a bounded number of times in the life of a process. */
const ALLOWED: Readonly<Record<string, { readonly count: number; readonly because: string }>> = {
  'app/bench-stages.ts': { count: 1, because: 'once for a stage that is measured' },
  'app/camera-ingest.ts': { count: 1, because: 'once for a camera' },
  'app/fit-camera.ts': { count: 1, because: 'once for a fit' },
  'app/redis-daemon.ts': { count: 1, because: 'once, when it stops' },
  'app/run-daemon.ts': { count: 1, because: 'once' },
  'app/run-demo.ts': { count: 1, because: 'once' },
  'app/worker-role.ts': { count: 1, because: 'twice, when it stops' },
  'worker/scorer-process.ts': { count: 1, because: 'once, when it starts' },
};

test('nothing that repeats waits by Promise.race or AbortSignal.any', () => {
  const found: Record<string, number> = {};
  for (const name of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const code = readFileSync(join(SRC, name), 'utf8').replaceAll(/\/\/.*|\/\*[^]*?\*\//g, '');
    const count = code.match(WAIT)?.length ?? 0;
    if (count > 0) found[name] = count;
  }
  const allowed = Object.entries(ALLOWED).map(([name, { count }]) => [name, count] as const);
  expect(found).toEqual(Object.fromEntries(allowed));
});
