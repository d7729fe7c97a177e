// How this program is called here, for remedies that can be copied: by its name where it is installed, else as it was
// started.
import { basename, isAbsolute, relative } from 'node:path';

import type { CameraId, SceneId } from '../core/ids.ts';

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** @param script as in `process.argv[1]` */
export const programName = (script: string | undefined, cwd: string): string => {
  if (script === undefined || basename(script) === 'patchwatch') return 'patchwatch';
  const near = relative(cwd, script);
  return `node ${quoted(near.startsWith('..') || isAbsolute(near) ? script : near)}`;
};

export const fitCommand = (configPath: string, camera: CameraId, scene: SceneId): string =>
  `${programName(process.argv[1], process.cwd())} fit -c ${quoted(configPath)} --camera ${camera} --scene ${scene}`;
