// `Promise.race` keeps every loser's value for as long as its longest promise lives, and `AbortSignal.any` a reference
// in its longest signal: in what runs for months, waits go through `orAborted` and `abortWith` (core/deferred.ts).
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', '..', 'src');

/** Waits that happen a bounded number of times in a process's life, or over promises of their own. */
const ALLOWED: Readonly<Record<string, string>> = {
  'commands/bench/bench-stages.ts': 'once per measured stage',
  'commands/fit/play-footage.ts': 'once per fit',
  'app/redis-daemon.ts': 'once, when it stops',
  'commands/run/run-daemon.ts': 'once',
  'commands/demo/run-demo.ts': 'once',
  'scoring/worker.ts': 'twice, when it stops',
  'process/last-resort.ts': 'once, before the process ends',
};

test('nothing that repeats waits by Promise.race or AbortSignal.any', () => {
  const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) =>
      /Promise\.race\(|AbortSignal\.any\(/.test(readFileSync(join(SRC, name), 'utf8')),
    );
  expect(found.toSorted()).toEqual(Object.keys(ALLOWED).toSorted());
});
