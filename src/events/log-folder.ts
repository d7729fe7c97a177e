// The files of a log, oldest first: named after the cursor before their first event, each begun by a head that makes
// those before it dispensable.
import { mkdir, readFile, readdir, rm, open } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import { LOG_FORMAT, decodeRecord, type LogRecord } from './log-record.ts';

const NAME = /^events-(\d{16})\.log$/;

export interface ReadFile {
  readonly path: string;
  /** Cursor before its first event. */
  readonly cursor: number;
  readonly records: readonly LogRecord[];
  /** Bytes up to the end of the last whole record. */
  readonly size: number;
  /** Lines between whole ones that are no records. */
  readonly badLineCount: number;
}

export const logPath = (folder: string, cursor: number): string =>
  join(folder, `events-${String(cursor).padStart(16, '0')}.log`);

/** The cursors that files are named after, oldest first. The folder is made where there is none. */
export const listLog = async (folder: string): Promise<readonly number[]> => {
  await mkdir(folder, { recursive: true });
  return (await readdir(folder))
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
};

/** Undefined for a file whose head never reached the disk. @throws PatchwatchError STORAGE_FAILED for one of a later version */
export const readLog = async (folder: string, cursor: number): Promise<ReadFile | undefined> => {
  const path = logPath(folder, cursor);
  const text = await readFile(path, 'utf8');
  const records: LogRecord[] = [];
  let wholeEnd = 0;
  let badLineCount = 0;
  let badSinceGood = 0;
  let at = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', at)) {
    const record = decodeRecord(text.slice(at, end));
    at = end + 1;
    if (record === undefined) {
      badSinceGood += 1;
      continue;
    }
    badLineCount += badSinceGood;
    badSinceGood = 0;
    records.push(record);
    wholeEnd = at;
  }
  const [first] = records;
  if (first?.kind !== 'head') return undefined;
  if (first.format > LOG_FORMAT) {
    throw new PatchwatchError(
      'STORAGE_FAILED',
      `${path} was written by a later version of Patchwatch (format ${first.format}, this one reads up to ${LOG_FORMAT}): run that version, or move the folder away to begin a new event log`,
    );
  }
  const size = Buffer.byteLength(text.slice(0, wholeEnd));
  return { path, cursor, records, size, badLineCount };
};

/** Makes sure that files that were made or removed stay so. */
export const syncLog = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export const removeLog = (folder: string, cursor: number): Promise<void> =>
  rm(logPath(folder, cursor), { force: true });
