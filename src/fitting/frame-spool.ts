// Frames that will set the threshold wait on disk until the models that score them exist, in slots of one stretch
// each: memory and disk are bounded however long the footage is.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import { STRETCH_FRAMES, type Half } from './stretches.ts';

interface Slot {
  half: Half;
  frameCount: number;
}

export class FrameSpool {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #slots: Slot[] = [];

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(folder: string): Promise<FrameSpool> {
    const path = join(folder, `fit-${randomUUID()}.rgb24`);
    try {
      await mkdir(folder, { recursive: true });
      await removeLeftovers(folder);
      const file = await open(path, 'wx+');
      await rm(path).catch(() => undefined);
      return new FrameSpool(path, file);
    } catch (error) {
      throw failed(folder, error);
    }
  }

  get slots(): readonly Readonly<Slot>[] {
    return this.#slots;
  }

  get frameCount(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.frameCount, 0);
  }

  /** Empties the slot for a new stretch of that half. */
  begin(slot: number, half: Half): void {
    this.#slots[slot] = { half, frameCount: 0 };
  }

  /** `pixels`: whole frames, after those that the slot holds. */
  async append(slot: number, pixels: Uint8Array): Promise<void> {
    const state = this.#slots[slot];
    if (state === undefined) throw new RangeError(`slot ${slot} was not begun`);
    const position = (slot * STRETCH_FRAMES + state.frameCount) * FRAME_BYTES;
    try {
      const { bytesWritten } = await this.#file.writev([pixels], position);
      if (bytesWritten !== pixels.length)
        throw new Error(`${bytesWritten} of ${pixels.length} bytes`);
    } catch (error) {
      throw failed(this.#path, error);
    }
    state.frameCount += pixels.length / FRAME_BYTES;
  }

  /** Fills `target` with frames of the slot from `first` on. */
  async read(slot: number, first: number, target: Uint8Array): Promise<void> {
    const position = (slot * STRETCH_FRAMES + first) * FRAME_BYTES;
    const { bytesRead } = await this.#file.read(target, 0, target.length, position);
    if (bytesRead === target.length) return;
    throw failed(this.#path, new Error(`${bytesRead} of ${target.length} bytes`));
  }

  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

/**
 * Spools of fits that were killed. A spool in use has no name (or, for an instant, one that it does not need): whoever
 * has it open keeps it.
 */
const removeLeftovers = async (folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => /^fit-.*\.rgb24$/.test(name));
  await Promise.all(
    names.map((name) => rm(join(folder, name), { force: true }).catch(() => undefined)),
  );
};

const failed = (path: string, error: unknown): PatchwatchError =>
  new PatchwatchError(
    'STORAGE_FAILED',
    `can't write to ${path} (${systemErrorCode(error) ?? toError(error).message}): check its permissions and free space, or set dataDir`,
    { cause: error },
  );
