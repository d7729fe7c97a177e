// Keeps what a fit knows beside its model: <folder>/<camera>/<scene>/fit-state.safetensors, and what it knew before it
// was last extended.
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import type { FitState } from '../core/fit-state.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import { writeAtomically } from './atomic-write.ts';
import { decodeFitState, encodeFitState, type FitIdentity } from './fit-state-codec.ts';
import { SafetensorsError } from './safetensors.ts';

const FILE_NAME = 'fit-state.safetensors';
const EARLIER_NAME = 'fit-state-before.safetensors';

/** What becomes of the state that stood before: kept beside the new one, let go, or left as it was. */
export type EarlierState = 'keep' | 'forget' | 'leave';

export class FitStateStore {
  readonly #path: string;
  readonly #earlierPath: string;

  constructor(folder: string, cameraId: CameraId, sceneId: SceneId) {
    this.#path = join(folder, cameraId, sceneId, FILE_NAME);
    this.#earlierPath = join(folder, cameraId, sceneId, EARLIER_NAME);
  }

  /** Atomic. @throws PatchwatchError STORAGE_FAILED */
  async save(
    state: FitState,
    identity: FitIdentity,
    earlier: EarlierState = 'forget',
  ): Promise<void> {
    if (earlier === 'keep') await this.#keepEarlier();
    if (earlier === 'forget') await rm(this.#earlierPath, { force: true });
    await writeAtomically(this.#path, encodeFitState(state, identity));
  }

  /**
   * @param identity must be that which the state was saved with
   * @param which the newest, or the one before it was last extended
   * @throws PatchwatchError MODEL_MISSING, MODEL_CORRUPT, MODEL_MISMATCH naming what differs
   */
  async load(identity: FitIdentity, which: 'newest' | 'before' = 'newest'): Promise<FitState> {
    const path = which === 'newest' ? this.#path : this.#earlierPath;
    const decoded = decode(path, await read(path));
    const differences = Object.entries(identity)
      .filter(([name, value]) => decoded.identity[name] !== value)
      .map(([name, value]) => `${name} was ${String(decoded.identity[name])}, is ${String(value)}`);
    if (differences.length === 0) return decoded.state;
    throw new PatchwatchError(
      'MODEL_MISMATCH',
      `${path} can't be extended: ${differences.join('; ')}: fit without --extend, or restore the setting`,
    );
  }

  async #keepEarlier(): Promise<void> {
    try {
      await copyFile(this.#path, this.#earlierPath);
    } catch (error) {
      throw new PatchwatchError(
        'STORAGE_FAILED',
        `can't write ${this.#earlierPath} (${systemErrorCode(error) ?? 'unknown error'}): check its permissions and free space`,
        { cause: error },
      );
    }
  }
}

const read = async (path: string): Promise<Uint8Array> => {
  try {
    return await readFile(path);
  } catch (error) {
    const isMissing = systemErrorCode(error) === 'ENOENT';
    throw new PatchwatchError(
      isMissing ? 'MODEL_MISSING' : 'MODEL_CORRUPT',
      isMissing
        ? `there is no earlier fit to extend (${path}): fit without ${path.endsWith(EARLIER_NAME) ? '--again' : '--extend'}`
        : `${path} can't be read (${systemErrorCode(error) ?? 'unknown error'}): fit without --extend`,
      { cause: error },
    );
  }
};

const decode = (path: string, bytes: Uint8Array): ReturnType<typeof decodeFitState> => {
  try {
    return decodeFitState(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new PatchwatchError(
      'MODEL_CORRUPT',
      `${path} is damaged: ${error.message}: fit without --extend`,
      { cause: error },
    );
  }
};
