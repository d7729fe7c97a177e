// Where this process can be asked whether it lives: written to the file that the environment names, for a health check
// that knows neither the configuration nor the role.
import { writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';

import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';

/** Never rejects: a health check that fails says the same. */
export const noteUrl = async (url: string, logger: Logger): Promise<void> => {
  const path = process.env['PATCHWATCH_URL_FILE'];
  if (path === undefined || path === '') return;
  await writeFile(path, url).catch((thrown: unknown) => {
    logger.warn('the file of PATCHWATCH_URL_FILE can’t be written', {
      path,
      reason: toError(thrown).message,
    });
  });
};

/** Where a server will answer: a gateway that stands by has one there too, before its own. */
export const expectedUrl = ({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): string => {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
};
