// The scoring process's end of the pipe. Inference blocks the thread anyway, so reading and writing
// block too: pixels land straight in the batch memory, and nothing is buffered on the way.
import { readSync, writeSync } from 'node:fs';

import { encodeHeader, parseHeaderText, PREFIX_BYTES, readPrefix } from './scorer-message.ts';

export interface IncomingHeader {
  readonly header: unknown;
  /** That follow, to be read next. */
  readonly payloadBytes: number;
}

export class BlockingChannel {
  readonly #fd: number;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * The next message's header, or undefined when the daemon closed the pipe. Payload bytes follow.
   *
   * @throws PatchwatchError SCORER_MESSAGE_INVALID
   */
  readHeader(): IncomingHeader | undefined {
    if (!this.readInto(this.#prefix)) return undefined;
    const { headerBytes, payloadBytes } = readPrefix(this.#prefix);
    const json = Buffer.alloc(headerBytes);
    if (!this.readInto(json)) return undefined;
    return { header: parseHeaderText(json.toString('utf8')), payloadBytes };
  }

  /** Fills `target` whole; false when the pipe ended first. */
  readInto(target: Uint8Array): boolean {
    let filled = 0;
    while (filled < target.length) {
      const count = readSync(this.#fd, target, filled, target.length - filled, null);
      if (count === 0) return false;
      filled += count;
    }
    return true;
  }

  write(header: object, payloads: readonly Uint8Array[]): void {
    const payloadBytes = payloads.reduce((sum, payload) => sum + payload.byteLength, 0);
    for (const bytes of [encodeHeader(header, payloadBytes), ...payloads]) {
      let written = 0;
      while (written < bytes.byteLength) {
        written += writeSync(this.#fd, bytes, written, bytes.byteLength - written);
      }
    }
  }
}
