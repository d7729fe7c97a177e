// Runs in front of every test file: gives it a temporary folder of its own, and fails it when it leaves something
// behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

import { expectNoLeaks, heldNow } from './leak-check.ts';

/** BullMQ pauses for five seconds after a connection that failed; machines are slow. */
const GRACE_MS = 20_000;

const shared = process.env.TMPDIR;
const folder = mkdtempSync(join(tmpdir(), 'patchwatch-file-'));
// Children inherit it.
process.env.TMPDIR = folder;
const before = heldNow(folder);

// Set before any hook of the file, so it runs after all of them.
afterAll(async () => {
  try {
    await expectNoLeaks(before, folder, GRACE_MS);
  } finally {
    if (shared === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = shared;
    rmSync(folder, { recursive: true, force: true });
  }
});
