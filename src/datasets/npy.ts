// Arrays of NumPy's .npy format, as far as data sets use it: one byte an item, row-major.
import { open } from 'node:fs/promises';

import { PatchwatchError, toError } from '../core/errors.ts';

const MAGIC = '\u0093NUMPY';
const MAX_HEADER_BYTES = 65_536;

const invalid = (path: string, problem: string): PatchwatchError =>
  new PatchwatchError(
    'DATASET_INVALID',
    `${path} ${problem}: expected a .npy file of int8, uint8 or bool in C order`,
  );

export interface NpyHeader {
  readonly shape: readonly number[];
  /** Where the items begin. */
  readonly start: number;
}

const parseHeader = (path: string, bytes: Buffer): NpyHeader => {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 6) !== MAGIC) {
    throw invalid(path, 'is not a .npy file');
  }
  const isLong = (bytes[6] ?? 0) >= 2;
  const length = isLong ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const start = (isLong ? 12 : 10) + length;
  if (start > bytes.length) throw invalid(path, 'ends in its header');
  const text = bytes.toString('latin1', isLong ? 12 : 10, start);
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? '?';
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (!/^[|<=]?(?:u1|i1|b1)$/.test(type)) throw invalid(path, `holds items of type ${type}`);
  if (shape === undefined || /'fortran_order':\s*True/.test(text)) {
    throw invalid(path, 'is not in C order');
  }
  const sizes = shape.split(',').map((size) => size.trim());
  return { shape: sizes.filter((size) => size !== '').map(Number), start };
};

/** Reads the items from `first`, `count` of them; all when left out. @throws PatchwatchError DATASET_INVALID */
export const readNpy = async (
  path: string,
  part?: (header: NpyHeader) => { readonly first: number; readonly count: number },
): Promise<{ readonly shape: readonly number[]; readonly items: Uint8Array }> => {
  const file = await open(path).catch((error: unknown) => {
    throw invalid(path, `can't be read (${toError(error).message})`);
  });
  try {
    const head = Buffer.alloc(MAX_HEADER_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const header = parseHeader(path, head.subarray(0, bytesRead));
    const total = header.shape.reduce((product, size) => product * size, 1);
    const { first, count } = part?.(header) ?? { first: 0, count: total };
    const items = new Uint8Array(count);
    const read = await file.read(items, 0, count, header.start + first);
    if (read.bytesRead !== count) throw invalid(path, 'is shorter than its header says');
    return { shape: header.shape, items };
  } finally {
    await file.close();
  }
};
