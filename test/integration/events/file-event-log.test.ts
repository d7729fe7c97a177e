// What a crash, a bent disk, a full one and a later version do to the event log on disk.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { describe, expect, test } from 'vitest';

import { silentLogger, type Logger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { KEPT_EVENTS } from '../../../src/events/event-tail.ts';
import { FileEventLog } from '../../../src/events/file-event-log.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { anomaly, stepOf } from '../../support/events.ts';
import { SimClock } from '../../support/sim-clock.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

const WRITER = join(import.meta.dirname, '../../fixtures/children/event-log-writer.mjs');

const open = async (folder: string, logger: Logger = silentLogger): Promise<FileEventLog> => {
  const log = new FileEventLog({ folder, clock: systemClock, logger, meter: silentMeter });
  await log.open();
  return log;
};

const recorder = (): Logger & { readonly lines: string[] } => {
  const lines: string[] = [];
  const note = (message: string): void => {
    lines.push(message);
  };
  const logger = { lines, debug: note, info: note, warn: note, error: note, child: () => logger };
  return logger;
};

const lastFile = async (folder: string): Promise<string> =>
  join(folder, (await readdir(folder)).sort().at(-1) ?? '');

describe('event log on disk', () => {
  test('kill -9 at any moment loses nothing that was told', async () => {
    await using dir = await tempDir();
    const told: number[] = [];
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [WRITER, dir.path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(child, 'exit');
      const enough = told.length + 3 + 17 * round;
      for await (const line of createInterface({ input: child.stdout })) {
        told.push(Number(line));
        if (told.length === enough) child.kill('SIGKILL');
      }
      await gone;
    }
    const log = await open(dir.path);
    const kept = log.after(0, KEPT_EVENTS).entries.map(({ cursor }) => cursor);
    expect(new Set(told).size).toBe(told.length);
    expect(told.filter((cursor) => !kept.includes(cursor))).toEqual([]);
    expect(log.states().get(anomaly('x').cameraId)).toHaveLength(4_096);
    await log.close();
  });

  test('a line that was torn is given up, and the next ones stand', async () => {
    await using dir = await tempDir();
    const before = await open(dir.path);
    await before.append(stepOf([anomaly('one')]));
    await before.append(stepOf([anomaly('two')]));
    await before.close();
    const path = await lastFile(dir.path);
    await truncate(path, (await readFile(path)).length - 20);

    const torn = await open(dir.path);
    await torn.append(stepOf([anomaly('three')]));
    await torn.close();
    const after = await open(dir.path);
    expect(after.after(0, 10).entries.map(({ event }) => event.id)).toEqual(['one', 'three']);
    await after.close();
  });

  test('lines in the middle that are no records are left out, and said to be', async () => {
    await using dir = await tempDir();
    const before = await open(dir.path);
    await before.append(stepOf([anomaly('one')]));
    await before.close();
    await appendFile(await lastFile(dir.path), 'deadbeef {"kind":"step"}\nnonsense\n');
    const between = await open(dir.path);
    await between.append(stepOf([anomaly('two')]));
    await between.close();

    const path = await lastFile(dir.path);
    const [head = '', ...rest] = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [head, 'nonsense', ...rest].join('\n'));
    const logger = recorder();
    const after = await open(dir.path, logger);
    expect(after.after(0, 10).entries.map(({ event }) => event.id)).toEqual(['one', 'two']);
    expect(logger.lines).toEqual([
      'lines of the event log can’t be read: their events are left out',
    ]);
    await after.close();
  });

  test('a file whose head never reached the disk is begun anew', async () => {
    await using dir = await tempDir();
    const before = await open(dir.path);
    await before.append(stepOf([anomaly('one')]));
    const { latest } = before;
    await before.close();
    await writeFile(dir.at(`events-${String(latest).padStart(16, '0')}.log`), '');
    const after = await open(dir.path);
    const [entry] = await after.append(stepOf([anomaly('two')]));
    expect(entry?.cursor).toBe(latest + 1);
    await after.close();
  });

  test('the log of a later version is refused, and left as it is', async () => {
    await using dir = await tempDir();
    const before = await open(dir.path);
    await before.close();
    const path = await lastFile(dir.path);
    const { encodeRecord } = await import('../../../src/events/log-record.ts');
    const line = encodeRecord({
      kind: 'head',
      format: 99,
      cursor: 7,
      runCount: 0,
      states: new Map(),
      consumers: {},
    });
    await writeFile(path, line);
    await expect(open(dir.path)).rejects.toThrow(/written by a later version.*format 99/);
    expect(await readFile(path, 'utf8')).toBe(line);
  });

  test('disk and memory stay bounded', async () => {
    await using dir = await tempDir();
    const log = await open(dir.path);
    const state = new Map([[anomaly('x').cameraId, new Uint8Array(60_000)]]);
    const page = Array.from({ length: 100 }, (_, index) => anomaly(`e${index}`));
    let most = 0;
    for (let step = 0; step < 250; step++) {
      await log.append(stepOf(page, { states: state }));
      most = Math.max(most, (await readdir(dir.path)).length);
    }
    expect(log.after(0, Infinity).entries.length).toBeLessThanOrEqual(KEPT_EVENTS * 1.1);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(8);
    const { latest } = log;
    await log.close();
    const after = await open(dir.path);
    expect(after.latest).toBe(latest);
    expect(after.after(0, Infinity).entries.length).toBeGreaterThanOrEqual(KEPT_EVENTS);
    await after.close();
  });

  test('a disk without room stops nothing; what waited is written when there is room again', async (context) => {
    await using dir = await tempDir();
    const disk = dir.at('disk');
    await mkdir(disk);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    if (mount.status !== 0) context.skip('a small disk can be made by root only');
    try {
      const logger = recorder();
      const clock = new SimClock();
      const log = new FileEventLog({
        folder: join(disk, 'events'),
        clock,
        logger,
        meter: silentMeter,
      });
      await log.open();
      await log.append(stepOf([anomaly('before')]));
      await writeFile(join(disk, 'filler'), Buffer.alloc(200_000)).catch(() => undefined);
      const page = Array.from({ length: 20 }, (_, index) => anomaly(`full${index}`));
      const entries = await log.append(stepOf(page));
      expect(entries).toHaveLength(20);
      expect(log.after(0, 100).entries).toHaveLength(21);
      expect(logger.lines).toEqual([
        'event log can’t be written: events are told, and forgotten if the daemon ends',
      ]);

      spawnSync('rm', [join(disk, 'filler')]);
      await clock.advance(5_000);
      await waitUntil(() => logger.lines.length > 1, 5_000, 'the log to be written again');
      await log.append(stepOf([anomaly('after')]));
      await log.close();
      const again = await open(join(disk, 'events'));
      expect(again.after(0, 100).entries.map(({ event }) => event.id)).toEqual([
        'before',
        ...page.map(({ id }) => id),
        'after',
      ]);
      await again.close();
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
