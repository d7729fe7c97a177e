// Whatever stands where a small file was named, reading it ends.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { readSmallFile } from '../../../src/process/read-small-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

test('a file is read to its end', async () => {
  await using dir = await tempDir();
  await writeFile(dir.at('secret'), 'x'.repeat(100));
  expect((await readSmallFile(dir.at('secret'), 100)).toString()).toBe('x'.repeat(100));
  await expect(readSmallFile(dir.at('secret'), 99)).rejects.toThrow('is larger than 99 bytes');
  await writeFile(dir.at('empty'), '');
  expect(await readSmallFile(dir.at('empty'), 10)).toHaveLength(0);
});

test('a pipe without a writer, and a device without an end are no files', async () => {
  await using dir = await tempDir();
  execFileSync('mkfifo', [dir.at('pipe')]);
  for (const path of [dir.at('pipe'), '/dev/zero'])
    await expect(readSmallFile(path, 10)).rejects.toThrow('is no regular file');
});

test('what the system refuses keeps its code', async () => {
  await using dir = await tempDir();
  await expect(readSmallFile(dir.at('nothing'), 10)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readSmallFile(dir.path, 10)).rejects.toMatchObject({ code: 'EISDIR' });
});
