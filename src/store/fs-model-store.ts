// Scene models on disk: <folder>/<camera>/<scene>/<sha256>.safetensors, and `current`, which names one of them.
import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import { ID_PATTERN, type CameraId, type SceneId } from '../core/ids.ts';
import type {
  ModelRequirements,
  ModelStore,
  SceneModel,
  StoredModel,
} from '../core/ports/model-store.ts';
import { TEMPORARY_SUFFIX, writeAtomically } from './atomic-write.ts';
import { FormatVersionError } from './scene-metadata.ts';
import { readHashed } from './hashed-file.ts';
import { storageFailed } from './storage-failure.ts';
import { SafetensorsError } from './safetensors.ts';
import { decodeSceneModel, encodeSceneModel } from './scene-model-codec.ts';

const KEPT_VERSIONS = 5;
/** A model is written within a second; a file that is still temporary after this was left by a crash. */
const ABANDONED_MS = 10 * 60_000;
const FILE_SUFFIX = '.safetensors';
const VERSION_PATTERN = /^[0-9a-f]{64}$/;
const MODEL_FILE = /^[0-9a-f]{64}\.safetensors$/;

export interface FsModelStoreOptions {
  readonly folder: string;
}

export class FsModelStore implements ModelStore {
  readonly #folder: string;

  constructor(options: FsModelStoreOptions) {
    this.#folder = options.folder;
  }

  async save(
    model: SceneModel,
  ): Promise<{ readonly version: string; readonly sizeBytes: number; readonly path: string }> {
    const { cameraId, sceneId } = model.metadata;
    const parts = encodeSceneModel(model);
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    const version = hash.digest('hex');
    const path = this.#path(cameraId, sceneId, version);
    await writeAtomically(path, parts);
    await this.#point(cameraId, sceneId, version);
    await this.#cleanUp(cameraId, sceneId, version);
    return { version, sizeBytes: parts.reduce((sum, part) => sum + part.byteLength, 0), path };
  }

  async load(
    cameraId: CameraId,
    sceneId: SceneId,
    requirements: ModelRequirements,
  ): Promise<StoredModel | undefined> {
    const version = await this.currentVersion(cameraId, sceneId);
    if (version === undefined) return undefined;
    const path = this.#path(cameraId, sceneId, version);
    const bytes = await this.readFile(cameraId, sceneId, version);
    const model = this.#decode(path, bytes);
    checkFits(path, model, requirements);
    return { model, version, sizeBytes: bytes.byteLength };
  }

  async currentVersion(cameraId: CameraId, sceneId: SceneId): Promise<string | undefined> {
    const path = join(this.#sceneFolder(cameraId, sceneId), 'current');
    let text: string;
    try {
      text = (await readFile(path, 'utf8')).trim();
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw corrupt(path, `can't be read (${systemErrorCode(error) ?? 'unknown error'})`, error);
    }
    if (!VERSION_PATTERN.test(text)) throw corrupt(path, 'does not name a version');
    return text;
  }

  /** The file of a version, as it is. */
  async readFile(cameraId: CameraId, sceneId: SceneId, version: string): Promise<Uint8Array> {
    const path = this.#path(cameraId, sceneId, version);
    const { bytes, sha256 } = await readHashed(path).catch((error: unknown) => {
      throw corrupt(path, `can't be read (${systemErrorCode(error) ?? 'unknown error'})`, error);
    });
    if (sha256 !== version) throw corrupt(path, 'has another checksum than its name');
    return bytes;
  }

  /** Takes over a model's file from another store and makes it current. @throws PatchwatchError MODEL_CORRUPT */
  async adopt(
    cameraId: CameraId,
    sceneId: SceneId,
    version: string,
    bytes: Uint8Array,
  ): Promise<void> {
    const path = this.#path(cameraId, sceneId, version);
    if (createHash('sha256').update(bytes).digest('hex') !== version)
      throw corrupt(path, 'came with another checksum than its name');
    await writeAtomically(path, [bytes]);
    await this.#point(cameraId, sceneId, version);
    await this.#cleanUp(cameraId, sceneId, version);
  }

  async versions(cameraId: CameraId, sceneId: SceneId): Promise<readonly string[]> {
    const folder = this.#sceneFolder(cameraId, sceneId);
    const names = await readdir(folder).catch(() => []);
    const files = await Promise.all(
      names
        .filter((name) => MODEL_FILE.test(name))
        .map(async (name) => ({
          version: name.slice(0, -FILE_SUFFIX.length),
          modifiedMs: (await stat(join(folder, name))).mtimeMs,
        })),
    );
    return files.sort((a, b) => b.modifiedMs - a.modifiedMs).map((file) => file.version);
  }

  async rollBack(cameraId: CameraId, sceneId: SceneId, version: string): Promise<void> {
    const versions = await this.versions(cameraId, sceneId);
    if (!versions.includes(version)) {
      throw new PatchwatchError(
        'MODEL_MISSING',
        `camera ${cameraId}, scene ${sceneId} has no version ${version}; it has: ${versions.join(', ')}`,
      );
    }
    await this.#point(cameraId, sceneId, version);
  }

  #sceneFolder(cameraId: CameraId, sceneId: SceneId): string {
    // Types say that both are ids; a folder elsewhere must not depend on nobody ever forgetting to parse one.
    for (const id of [cameraId, sceneId]) {
      if (!ID_PATTERN.test(id))
        throw new PatchwatchError(
          'INTERNAL',
          `${JSON.stringify(id)} is no id of a camera or scene`,
        );
    }
    return join(this.#folder, cameraId, sceneId);
  }

  #path(cameraId: CameraId, sceneId: SceneId, version: string): string {
    return join(this.#sceneFolder(cameraId, sceneId), `${version}${FILE_SUFFIX}`);
  }

  async #point(cameraId: CameraId, sceneId: SceneId, version: string): Promise<void> {
    const path = join(this.#sceneFolder(cameraId, sceneId), 'current');
    await writeAtomically(path, [Buffer.from(`${version}\n`)]);
  }

  /** Old versions and what a crash left behind. */
  async #cleanUp(cameraId: CameraId, sceneId: SceneId, current: string): Promise<void> {
    const folder = this.#sceneFolder(cameraId, sceneId);
    try {
      const old = (await this.versions(cameraId, sceneId))
        .filter((version) => version !== current)
        .slice(KEPT_VERSIONS - 1)
        .map((version) => `${version}${FILE_SUFFIX}`);
      const left = await this.#leftBehind(folder);
      for (const name of [...old, ...left]) await rm(join(folder, name), { force: true });
    } catch (error) {
      throw storageFailed('write', folder, error);
    }
  }

  /** Temporary files that no other process can still be writing. */
  async #leftBehind(folder: string): Promise<readonly string[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(TEMPORARY_SUFFIX));
    const ages = await Promise.all(
      names.map(async (name) => {
        // It may have been renamed meanwhile.
        const facts = await stat(join(folder, name)).catch(() => undefined);
        return { name, ageMs: facts === undefined ? 0 : Date.now() - facts.mtimeMs };
      }),
    );
    return ages.filter(({ ageMs }) => ageMs > ABANDONED_MS).map(({ name }) => name);
  }

  #decode(path: string, data: Uint8Array): SceneModel {
    try {
      return decodeSceneModel(data);
    } catch (error) {
      if (error instanceof FormatVersionError) {
        throw new PatchwatchError(
          'MODEL_MISMATCH',
          `scene model ${path} ${error.message}: fit the scene again`,
          { cause: error },
        );
      }
      if (error instanceof SafetensorsError)
        throw corrupt(path, `is damaged: ${error.message}`, error);
      throw error;
    }
  }
}

const corrupt = (path: string, what: string, cause?: unknown): PatchwatchError =>
  new PatchwatchError(
    'MODEL_CORRUPT',
    `scene model ${path} ${what}: roll back to another version or fit the scene again`,
    { cause },
  );

const checkFits = (path: string, model: SceneModel, wanted: ModelRequirements): void => {
  const { metadata, channels } = model;
  channels.forEach((list, stage) => {
    const count = wanted.stageChannels?.[stage] ?? Infinity;
    const wrong = list.find((channel) => channel >= count);
    if (wrong === undefined) return;
    const name = `channels${stage + 1}`;
    throw corrupt(path, `lists channel ${wrong} in "${name}", its backbone has ${count} there`);
  });
  const differences = [
    ['profile', metadata.profile, wanted.profile],
    ['backbone', metadata.backbone, wanted.backbone],
    ['backbone file', metadata.backboneSha256.slice(0, 12), wanted.backboneSha256.slice(0, 12)],
  ].filter(([, has, wants]) => has !== wants);
  if (differences.length === 0) return;
  const reasons = differences.map(([what, has, wants]) => `${what} ${has}, configured is ${wants}`);
  throw new PatchwatchError(
    'MODEL_MISMATCH',
    `scene model ${path} was fitted with ${reasons.join('; ')}: fit camera ${metadata.cameraId}, scene ${metadata.sceneId} again, or restore the setting`,
  );
};
