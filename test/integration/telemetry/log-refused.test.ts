// A log that can't be written: a pipe that nobody reads, a reader that is gone, a disk that is full. The process goes
// on, in bounded memory, counts what is lost, and says so when it can.
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { systemErrorCode } from '../../../src/core/errors.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

const CHILD = join(import.meta.dirname, '../../fixtures/children/log-flood.mjs');
const FLOOD = 20_000;

interface Told {
  readonly lost: number;
  readonly bytes: number;
}

const FORMATS = ['json', 'pretty'] as const;

const start = async (format: string, stderr: number | 'pipe'): Promise<ChildProcess> => {
  const child = fork(CHILD, [format], { stdio: ['ignore', 'ignore', stderr, 'ipc'] });
  await once(child, 'message');
  return child;
};

const flood = async (child: ChildProcess, lines: number): Promise<Told> => {
  const told = once(child, 'message');
  child.send({ lines });
  return ((await told) as [Told])[0];
};

/** The child made the pipe non-blocking for both ends. */
const readAvailable = (fd: number, chunk: Buffer): string => {
  try {
    return chunk.toString('utf8', 0, readSync(fd, chunk));
  } catch (error) {
    if (systemErrorCode(error) === 'EAGAIN') return '';
    throw error;
  }
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
};

const MEGABYTE = 1_048_576;

describe.each(FORMATS)('%s', (format) => {
  test('a pipe that nobody reads, and then is read', async () => {
    await using folder = await tempDir();
    const path = folder.at('log');
    execFileSync('mkfifo', [path]);
    // Open for both, so that neither end waits for the other.
    const fd = openSync(path, 'r+');
    const child = await start(format, fd);
    try {
      const before = await flood(child, 1);
      const told = await flood(child, FLOOD);
      expect(told.lost).toBeGreaterThan(FLOOD / 2);
      expect(told.lost).toBeLessThan(FLOOD);
      expect(told.bytes - before.bytes).toBeLessThan(24 * MEGABYTE);

      const notice = new RegExp(
        format === 'json'
          ? `"count":${told.lost},"message":"log lines were lost"`
          : `WARN  log lines were lost count=${told.lost}`,
      );
      let text = '';
      const chunk = Buffer.alloc(MEGABYTE);
      await waitUntil(
        () => {
          text += readAvailable(fd, chunk);
          return notice.test(text);
        },
        20_000,
        'the notice',
      );
      // Nothing of the lines that were kept is torn.
      const lines = text.trimEnd().split('\n');
      expect(lines.length).toBe(FLOOD + 1 - told.lost + 1);
      if (format === 'json') for (const line of lines) JSON.parse(line);
    } finally {
      await end(child);
      closeSync(fd);
    }
  });

  test('a reader that is gone', async () => {
    const child = await start(format, 'pipe');
    child.stderr?.destroy();
    await flood(child, 10);
    const { lost } = await flood(child, FLOOD);
    expect(lost).toBeGreaterThan(FLOOD / 2);
    await end(child);
  });

  test('a full disk', async () => {
    const fd = openSync('/dev/full', 'w');
    const child = await start(format, fd);
    closeSync(fd);
    const { lost } = await flood(child, FLOOD);
    expect(lost).toBeGreaterThan(FLOOD / 2);
    await end(child);
    expect(child.exitCode).toBe(0);
  });
});
