// Reads a whole file once, into memory of its own, and hashes it on the way a piece at a time, so that neither
// an 82 MB model is in memory twice nor the event loop stands still for its checksum.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const PIECE_BYTES = 1024 * 1024;

export interface HashedFile {
  /** Starts at byte 0 of its own buffer: tensors inside can be read in place. */
  readonly bytes: Uint8Array;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Rejects with the system's error. A file that shrinks meanwhile comes out shorter. */
export const readHashed = async (path: string): Promise<HashedFile> => {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const memory = new Uint8Array(size);
    const hash = createHash('sha256');
    let length = 0;
    while (length < size) {
      const wanted = Math.min(PIECE_BYTES, size - length);
      const { bytesRead } = await handle.read(memory, length, wanted, length);
      if (bytesRead === 0) break;
      hash.update(memory.subarray(length, length + bytesRead));
      length += bytesRead;
    }
    return { bytes: memory.subarray(0, length), sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
};
