// One file that only grows, written line by line and flushed. A disk that is full must not stop watching: lines that
// it did not take wait in memory, at most so many, and are written when it takes some again.
import { open, truncate, type FileHandle } from 'node:fs/promises';

import { toError } from '../core/errors.ts';

/** Lines of a step hold the state of a camera: some kilobytes each. */
const MAX_WAITING_LINES = 2_000;

export class LogFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  #size = 0;
  #waiting: string[] = [];
  #failure: Error | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Bytes that are whole on the disk. */
  get size(): number {
    return this.#size;
  }

  /** Why lines wait; undefined while none does. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Goes on after so many bytes; what follows them was torn by a crash. */
  async open(size: number): Promise<void> {
    this.#handle = await open(this.path, 'a');
    this.#size = size;
    if ((await this.#handle.stat()).size > size) await truncate(this.path, size);
  }

  /** Resolves when the line is on the disk, or waits because the disk refuses it. */
  async write(line: string): Promise<void> {
    this.#waiting.push(line);
    if (this.#waiting.length > MAX_WAITING_LINES) this.#waiting.shift();
    await this.flush();
  }

  /** Tries again what waits. */
  async flush(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined || this.#waiting.length === 0) return;
    const count = this.#waiting.length;
    const bytes = Buffer.from(this.#waiting.join(''));
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (thrown) {
      this.#failure = toError(thrown);
      // Half a line must not be left before the next one. Where that fails too, its checksum tells.
      await truncate(this.path, this.#size).catch(() => undefined);
      return;
    }
    this.#size += bytes.length;
    this.#waiting = this.#waiting.slice(count);
    this.#failure = undefined;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#handle?.close();
    this.#handle = undefined;
  }
}
