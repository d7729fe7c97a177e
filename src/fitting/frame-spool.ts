// Held-out frames wait on disk until the model that scores them exists, so that fitting takes the same
// memory however long the footage is.
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';

export class FrameSpool {
  readonly #path: string;
  readonly #file: FileHandle;
  #frameCount = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(folder: string): Promise<FrameSpool> {
    const path = join(folder, `held-out-${process.pid}.rgb24`);
    try {
      await mkdir(folder, { recursive: true });
      return new FrameSpool(path, await open(path, 'w+'));
    } catch (error) {
      throw new PatchwatchError(
        'STORAGE_FAILED',
        `can't write to ${folder} (${systemErrorCode(error) ?? 'unknown error'}): check its permissions and free space, or set dataDir`,
        { cause: error },
      );
    }
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  async append(pixels: Uint8Array): Promise<void> {
    await this.#file.writev([pixels], this.#frameCount * FRAME_BYTES);
    this.#frameCount += pixels.length / FRAME_BYTES;
  }

  /** Reads frames from `first` on into `target`; returns how many it got. */
  async read(first: number, target: Uint8Array): Promise<number> {
    const { bytesRead } = await this.#file.read(target, 0, target.length, first * FRAME_BYTES);
    return Math.floor(bytesRead / FRAME_BYTES);
  }

  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
