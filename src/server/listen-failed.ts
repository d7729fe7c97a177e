// Why a port can't be listened on, as an error that says what to change.
import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

/** @param setting that names the port */
export const listenFailed = (error: Error, address: string, setting: string): PatchwatchError => {
  const code = systemErrorCode(error) ?? 'unknown error';
  const remedy =
    code === 'EADDRINUSE'
      ? `another program listens there: stop it or choose another ${setting}`
      : code === 'EACCES'
        ? `ports below 1024 need rights: choose another ${setting}`
        : `check the address and ${setting}`;
  return new PatchwatchError('ADDRESS_IN_USE', `can't listen on ${address} (${code}): ${remedy}`, {
    cause: error,
  });
};
