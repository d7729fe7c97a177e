import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { DiskSpool } from '../../../src/stay/slow-spool.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('a spool of slow pictures', () => {
  it('gives back what was written, in parts, in any order, and leaves no file', async () => {
    await using folder = await tempDir();
    writeFileSync(join(folder.path, 'stay-of-a-fit-that-was-killed.f32'), 'left over');
    const spool = new DiskSpool(folder.path);
    spool.write(3, Float32Array.of(1, 2, 3, 4));
    spool.write(0, Float32Array.of(5, 6, 7, 8));
    spool.write(3, Float32Array.of(9, 10, 11, 12));
    expect(readdirSync(folder.path)).toEqual([]);
    const part = new Float32Array(2);
    spool.read(3, 1, part);
    expect([...part]).toEqual([10, 11]);
    spool.read(0, 2, part);
    expect([...part]).toEqual([7, 8]);
    spool.remove();
    spool.remove();
  });

  it('tells of a place that was never written, and of a folder that can’t be', async () => {
    await using folder = await tempDir();
    const spool = new DiskSpool(folder.path);
    expect(() => {
      spool.read(0, 0, new Float32Array(1));
    }).toThrow('place 0 was not written');
    writeFileSync(join(folder.path, 'file'), '');
    expect(() => {
      new DiskSpool(join(folder.path, 'file')).write(0, new Float32Array(1));
    }).toThrow(`can't write to ${join(folder.path, 'file')} (`);
  });
});
