// The median of seven pictures, from the WebAssembly module that comes with the package.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ASSETS_DIR } from '../process/assets-dir.ts';
import { compileMedian, type MedianOfSeven } from './median-kernel.ts';

/** One serves any number of cameras, in turn. */
export const openMedian = async (): Promise<MedianOfSeven> =>
  compileMedian(await readFile(join(ASSETS_DIR, 'motion', 'median.wasm')));
