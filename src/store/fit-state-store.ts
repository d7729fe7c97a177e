// Keeps what a fit knows beside its model: <folder>/<camera>/<scene>/fit-state.safetensors.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import type { FitState } from '../core/fit-state.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import { writeAtomically } from './atomic-write.ts';
import { decodeFitState, encodeFitState, type FitIdentity } from './fit-state-codec.ts';
import { SafetensorsError } from './safetensors.ts';

const FILE_NAME = 'fit-state.safetensors';

export class FitStateStore {
  readonly #path: string;

  constructor(folder: string, cameraId: CameraId, sceneId: SceneId) {
    this.#path = join(folder, cameraId, sceneId, FILE_NAME);
  }

  /** Atomic. @throws PatchwatchError STORAGE_FAILED */
  async save(state: FitState, identity: FitIdentity): Promise<void> {
    await writeAtomically(this.#path, encodeFitState(state, identity));
  }

  /**
   * @param identity must be that which the state was saved with
   * @throws PatchwatchError MODEL_MISSING, MODEL_CORRUPT, MODEL_MISMATCH naming what differs
   */
  async load(identity: FitIdentity): Promise<FitState> {
    const decoded = this.#decode(await this.#read());
    const differences = Object.entries(identity)
      .filter(([name, value]) => decoded.identity[name] !== value)
      .map(([name, value]) => `${name} was ${String(decoded.identity[name])}, is ${String(value)}`);
    if (differences.length === 0) return decoded.state;
    throw new PatchwatchError(
      'MODEL_MISMATCH',
      `${this.#path} can't be extended: ${differences.join('; ')}: fit without --extend, or restore the setting`,
    );
  }

  async #read(): Promise<Uint8Array> {
    try {
      return await readFile(this.#path);
    } catch (error) {
      const isMissing = systemErrorCode(error) === 'ENOENT';
      throw new PatchwatchError(
        isMissing ? 'MODEL_MISSING' : 'MODEL_CORRUPT',
        isMissing
          ? `there is no earlier fit to extend (${this.#path}): fit without --extend`
          : `${this.#path} can't be read (${systemErrorCode(error) ?? 'unknown error'}): fit without --extend`,
        { cause: error },
      );
    }
  }

  #decode(bytes: Uint8Array): ReturnType<typeof decodeFitState> {
    try {
      return decodeFitState(bytes);
    } catch (error) {
      if (!(error instanceof SafetensorsError)) throw error;
      throw new PatchwatchError(
        'MODEL_CORRUPT',
        `${this.#path} is damaged: ${error.message}: fit without --extend`,
        { cause: error },
      );
    }
  }
}
