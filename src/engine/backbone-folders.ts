// Where backbones are: those that ship, and those that the user imported. `evaluate` has no configuration, so this
// is of the user, not of a dataDir; a service without a home names the folder in its environment.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

import { ASSETS_DIR } from '../process/assets-dir.ts';

export const SHIPPED_BACKBONES_DIR: string = join(ASSETS_DIR, 'backbones');

export const userBackbonesDir = (env: NodeJS.ProcessEnv = process.env): string => {
  const { PATCHWATCH_BACKBONES: named, XDG_DATA_HOME: dataHome } = env;
  if (named !== undefined && named !== '') return resolve(named);
  // A relative XDG path is to be ignored (XDG base directory specification).
  const data = dataHome?.startsWith('/') === true ? dataHome : join(homeFolder(), '.local/share');
  return join(data, 'patchwatch', 'backbones');
};

/** A service's user may be in no list of users; what ships must be found all the same. */
const homeFolder = (): string => {
  try {
    return homedir();
  } catch {
    return '/';
  }
};

/** Shipped ones come first: an import can't take their name. */
export const backboneFolders = (): readonly string[] => [SHIPPED_BACKBONES_DIR, userBackbonesDir()];
