// The one place where TensorFlow.js is looked up: by name among what is installed, or in a folder that the user names.
import { createRequire } from 'node:module';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';
import type { TensorFlow } from './tensor-flow.ts';

const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
const CPU_PACKAGE = '@tensorflow/tfjs-node';
/** Plain JavaScript: installs anywhere, and is a hundred times slower. */
const PLAIN_PACKAGE = '@tensorflow/tfjs';

/** What is good enough for what; fastest first. */
const PACKAGES = {
  any: [GPU_PACKAGE, CPU_PACKAGE, PLAIN_PACKAGE],
  native: [GPU_PACKAGE, CPU_PACKAGE],
  cpu: [CPU_PACKAGE],
  gpu: [GPU_PACKAGE],
};

export interface TfjsChoice {
  /** Folder of a package to use instead of the installed ones. */
  readonly place: string | undefined;
  readonly kind: keyof typeof PACKAGES;
  /** Threads inside one operation; 0: one per core. Settled by the first load in a process. */
  readonly threads: number;
}

const remedyFor = (kind: TfjsChoice['kind']): string =>
  `install it with \`npm install --no-save --ignore-scripts=false ${kind === 'gpu' ? GPU_PACKAGE : CPU_PACKAGE}@4.22.0\``;

/** @throws PatchwatchError TFJS_MISSING */
export const loadTfjs = ({ place, kind, threads }: TfjsChoice): TensorFlow => {
  const require = createRequire(import.meta.url);
  // tfjs-node 4 calls a function that Node 23 took away.
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  // The native library knows no other way to be told. What it finds remarkable about the processor is no news.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (threads > 0) process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  const failures: string[] = [];
  for (const name of place === undefined ? PACKAGES[kind] : [place]) {
    try {
      return require(name) as TensorFlow;
    } catch (error) {
      const isAbsent = systemErrorCode(error) === 'MODULE_NOT_FOUND' && place === undefined;
      if (!isAbsent) failures.push(`${name}: ${toError(error).message.split('\n')[0] ?? ''}`);
    }
  }
  const why = failures.length === 0 ? 'is not installed' : `does not load (${failures.join('; ')})`;
  throw new PatchwatchError('TFJS_MISSING', `TensorFlow.js ${why}: ${remedyFor(kind)}`);
};
