// Embeddings of slow pictures on disk: six hundred of them are too many for memory. Read and written synchronously, since a
// picture is a quarter of a megabyte and the file lies in the system's cache.
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';

/** Numbered places for pictures of equal size. */
export interface SlowSpool {
  write(place: number, values: Float32Array): void;
  /** Fills `target` with what is at `place`, from its number `from` on. */
  read(place: number, from: number, target: Float32Array): void;
  remove(): void;
}

export class DiskSpool implements SlowSpool {
  readonly #folder: string;
  #file: number | undefined;
  #placeBytes = 0;

  /** @param folder made when it is missing, at the first write */
  constructor(folder: string) {
    this.#folder = folder;
  }

  write(place: number, values: Float32Array): void {
    this.#placeBytes = values.byteLength;
    this.#checked(() => {
      const file = (this.#file ??= openNameless(this.#folder));
      const bytes = bytesOf(values);
      for (let done = 0; done < bytes.length;) {
        const position = place * this.#placeBytes + done;
        done += writeSync(file, bytes, done, bytes.length - done, position);
      }
    });
  }

  read(place: number, from: number, target: Float32Array): void {
    this.#checked(() => {
      const file = this.#file;
      if (file === undefined) throw new RangeError(`place ${place} was not written`);
      const bytes = bytesOf(target);
      const start = place * this.#placeBytes + from * Float32Array.BYTES_PER_ELEMENT;
      for (let done = 0; done < bytes.length;) {
        const count = readSync(file, bytes, done, bytes.length - done, start + done);
        if (count === 0) throw new RangeError(`place ${place} was not written`);
        done += count;
      }
    });
  }

  remove(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #checked(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw new PatchwatchError(
        'STORAGE_FAILED',
        `can't write to ${this.#folder} (${systemErrorCode(error) ?? toError(error).message}): check its permissions and free space, or set dataDir`,
        { cause: error },
      );
    }
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Without a name the file is gone with the process, however that ends. */
const openNameless = (folder: string): number => {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (/^stay-.*\.f32$/.test(name)) rmSync(join(folder, name), { force: true });
  }
  const path = join(folder, `stay-${randomUUID()}.f32`);
  const file = openSync(path, 'wx+');
  rmSync(path, { force: true });
  return file;
};
