// Reads a file that somebody named: a secret, a configuration, a record. Whatever is at its path, reading ends: a pipe
// without a writer or a device without an end is no file, and nothing larger than it may be is read.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** As the end of a sentence about the file; has the system's `code` where that was what failed. */
export class UnreadableFileError extends Error {}

/** @throws UnreadableFileError for what is no regular file or too large; the system's own error for the rest */
export const readSmallFile = async (path: string, maxBytes: number): Promise<Buffer> => {
  // Opening a pipe waits for its other end, unless told not to.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    if (facts.isDirectory())
      throw Object.assign(new Error(`EISDIR: ${path} is a folder`), { code: 'EISDIR' });
    if (!facts.isFile()) throw new UnreadableFileError('is no regular file');
    if (facts.size > maxBytes) throw new UnreadableFileError(`is larger than ${maxBytes} bytes`);
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (length > maxBytes) throw new UnreadableFileError(`is larger than ${maxBytes} bytes`);
      if (bytesRead === 0) return bytes.subarray(0, length);
    }
  } finally {
    await file.close();
  }
};
