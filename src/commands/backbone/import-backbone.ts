// `backbone import`: a backbone that tools/export_backbone.py wrote is checked (record, checksums, one batch through
// each graph) and copied to where the user's backbones are. What is tried out is the copy; it gets its name last.
import { readSmallFile } from '../../process/read-small-file.ts';
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { PatchwatchError, systemErrorCode, toError } from '../../core/errors.ts';
import {
  RECORD_FILE,
  backboneIn,
  filesOf,
  listBackbones,
  readBackbone,
  readGraph,
  type Backbone,
  type BackboneFile,
} from '../../engine/backbone-catalogue.ts';
import { BackboneRecordError, parseBackboneRecord } from '../../engine/backbone-record.ts';
import { PROFILE_NAMES, profileNamed } from '../../padim/profile.ts';
import { TEMPORARY_SUFFIX, writeAtomically } from '../../store/atomic-write.ts';
import { SHIPPED_BACKBONES_DIR, userBackbonesDir } from '../../engine/backbone-folders.ts';
import { tryBackbone } from './try-backbone.ts';

/** Far more than any holds. */
const MAX_RECORD_BYTES = 1 * 1024 * 1024;

/** Copied along when it is there: many licences ask for their text. */
const LICENCE_FILE = 'LICENSE';
const AGAIN = 'copy the folder again, or export it again with tools/export_backbone.py';

export interface ImportReport {
  readonly state: 'imported' | 'replaced' | 'already installed';
  readonly backbone: Backbone;
}

/** @throws PatchwatchError SOURCE_MISSING, BACKBONE_INVALID, BACKBONE_CORRUPT, STORAGE_FAILED */
export const importBackbone = async (
  path: string,
  { replaces }: { readonly replaces: boolean },
): Promise<ImportReport> => {
  const offered = await readOffered(await folderOf(path));
  requireEveryCut(offered);
  const folder = userBackbonesDir();
  const installed = await installedAs(offered.name, folder);
  if (installed !== undefined && hasSame(filesOf, installed, offered)) {
    for (const file of filesOf(installed)) await readGraph(file, 'import it with --replace');
    return { state: 'already installed', backbone: installed };
  }
  // Models for TensorFlow.js may be added: scenes are bound to the graphs.
  const isChanged = installed !== undefined && !hasSame(({ graphs }) => graphs, installed, offered);
  if (isChanged && !replaces) {
    throw new PatchwatchError(
      'BACKBONE_INVALID',
      `a backbone "${offered.name}" with other graphs is in ${installed.folder}: --replace takes its place (scenes fitted with it must be fitted again), or export this one with --name`,
    );
  }
  await install(offered, folder);
  return {
    state: installed === undefined ? 'imported' : 'replaced',
    backbone: await readBackbone([folder], offered.name),
  };
};

/** The folder itself, or the one that a file of the backbone is in. */
const folderOf = async (path: string): Promise<string> => {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    throw new PatchwatchError(
      'SOURCE_MISSING',
      `${path} can't be read (${systemErrorCode(error) ?? 'unknown error'}): give the folder that tools/export_backbone.py wrote`,
      { cause: error },
    );
  }
  if (basename(path) === RECORD_FILE || path.endsWith('.onnx')) return dirname(path);
  throw new PatchwatchError(
    'BACKBONE_INVALID',
    `${path} is no file of an exported backbone: weights must go through tools/export_backbone.py --weights first; give the folder that it wrote`,
  );
};

const readOffered = async (folder: string): Promise<Backbone> => {
  const path = join(folder, RECORD_FILE);
  let text: string;
  try {
    text = (await readSmallFile(path, MAX_RECORD_BYTES)).toString('utf8');
  } catch (error) {
    const within = await listBackbones([folder]);
    const hint =
      within.length > 0 ? `one of its folders (${within.join(', ')}) may be meant` : AGAIN;
    throw new PatchwatchError(
      'BACKBONE_INVALID',
      `${folder} is no exported backbone: its ${RECORD_FILE} can't be read (${systemErrorCode(error) ?? 'unknown error'}); ${hint}`,
      { cause: error },
    );
  }
  try {
    return backboneIn(folder, parseBackboneRecord(text));
  } catch (error) {
    if (!(error instanceof BackboneRecordError)) throw error;
    throw new PatchwatchError('BACKBONE_INVALID', `${path}: ${error.message}; ${AGAIN}`, {
      cause: error,
    });
  }
};

/** Else an import would be found wanting only when a profile is chosen. */
const requireEveryCut = (offered: Backbone): void => {
  for (const name of PROFILE_NAMES) {
    const { stageCount, grid } = profileNamed(name);
    const fits = offered.graphs.some(
      (graph) =>
        graph.stageCount === stageCount && graph.grid === grid && graph.precision === 'float32',
    );
    if (fits) continue;
    throw new PatchwatchError(
      'BACKBONE_INVALID',
      `${join(offered.folder, RECORD_FILE)}: files has no float32 graph with ${stageCount} stages on a grid of ${grid}, which the profile ${name} needs; ${AGAIN}`,
    );
  }
};

const installedAs = async (name: string, folder: string): Promise<Backbone | undefined> => {
  if ((await listBackbones([SHIPPED_BACKBONES_DIR])).includes(name)) {
    throw new PatchwatchError(
      'BACKBONE_INVALID',
      `a backbone "${name}" ships with Patchwatch: export this one with --name and another name`,
    );
  }
  if (!(await listBackbones([folder])).includes(name)) return undefined;
  return readBackbone([folder], name);
};

const hasSame = (
  files: (backbone: Backbone) => readonly BackboneFile[],
  one: Backbone,
  other: Backbone,
): boolean => {
  const sums = (backbone: Backbone): string =>
    JSON.stringify(
      files(backbone)
        .map(({ file, sha256 }) => [file, sha256])
        .sort(),
    );
  return sums(one) === sums(other);
};

const install = async (offered: Backbone, folder: string): Promise<void> => {
  const staging = join(folder, `.${randomUUID()}${TEMPORARY_SUFFIX}`);
  const staged = join(staging, offered.name);
  const target = join(folder, offered.name);
  try {
    for (const part of filesOf(offered)) {
      const bytes = await readGraph(part, AGAIN);
      await stored(staged, () => writeAtomically(join(staged, part.file), [bytes]));
    }
    for (const file of [LICENCE_FILE, RECORD_FILE]) {
      const bytes = await readFile(join(offered.folder, file)).catch(() => undefined);
      if (bytes === undefined) continue;
      await stored(staged, () => writeAtomically(join(staged, file), [bytes]));
    }
    await tryBackbone(staging, offered);
    await stored(target, async () => {
      // A folder is not replaced by renaming: the old one steps aside first.
      await rename(target, join(staging, 'replaced')).catch(unlessMissing);
      await rename(staged, target);
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
};

const unlessMissing = (error: unknown): void => {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
};

const stored = async (path: string, write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    const cause = error instanceof PatchwatchError ? error.cause : error;
    throw new PatchwatchError(
      'STORAGE_FAILED',
      `can't write ${path} (${systemErrorCode(cause) ?? toError(cause).message}): check its permissions and free space, or name another folder in PATCHWATCH_BACKBONES`,
      { cause: error },
    );
  }
};
