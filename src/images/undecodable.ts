import { PatchwatchError, toError } from '../core/errors.ts';

/** An image file that is none. */
export const undecodable = (path: string, error: unknown): PatchwatchError =>
  new PatchwatchError(
    'DATASET_INVALID',
    `${path} can't be decoded (${toError(error).message.split('\n')[0] ?? ''}): replace it or leave it out`,
    { cause: error },
  );
