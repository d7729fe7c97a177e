// Lines to a descriptor that may refuse them: a full disk, a pipe that nobody reads or whose reader is gone. Writing
// never throws and never waits: what can't be written now is kept within a bound and tried again, what exceeds the
// bound is lost and counted. The first line that gets through after a loss says how many there were.
import { writeSync } from 'node:fs';

import { systemErrorCode } from '../core/errors.ts';

/** Several thousand lines. */
const MAX_WAITING_BYTES = 1_048_576;
/** A reader that is slow. */
const RETRY_MS = 20;
/** A disk that is full, a reader that is gone. */
const REFUSED_RETRY_MS = 1_000;

export interface LossyOutletOptions {
  readonly fd: number;
  /** The line that tells of a loss, with its line end. */
  readonly lossLine: (count: number) => string;
}

export class LossyOutlet {
  readonly #options: LossyOutletOptions;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #untoldCount = 0;
  #lostCount = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: LossyOutletOptions) {
    this.#options = options;
  }

  /** Lines lost since the last call. */
  takeLostCount(): number {
    const count = this.#lostCount;
    this.#lostCount = 0;
    return count;
  }

  /** @param line with its line end */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#lostCount += 1;
      this.#untoldCount += 1;
      return;
    }
    this.#push(bytes);
    if (this.#retry === undefined) this.flush();
  }

  /** Writes what waits, as far as it is taken. */
  flush(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    for (;;) {
      const line = this.#waiting[0];
      if (line === undefined) {
        if (this.#untoldCount === 0) return;
        this.#push(Buffer.from(this.#options.lossLine(this.#untoldCount)));
        this.#untoldCount = 0;
        continue;
      }
      try {
        this.#written(line, writeSync(this.#options.fd, line));
      } catch (error) {
        this.#tryLater(systemErrorCode(error) === 'EAGAIN');
        return;
      }
    }
  }

  #push(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  #written(line: Buffer, length: number): void {
    this.#waitingBytes -= length;
    if (length === line.length) this.#waiting.shift();
    else this.#waiting[0] = line.subarray(length);
  }

  /** Only a reader that is slow keeps the process alive for what waits: the others may never come back. */
  #tryLater(isSlow: boolean): void {
    this.#retry = setTimeout(
      () => {
        this.flush();
      },
      isSlow ? RETRY_MS : REFUSED_RETRY_MS,
    );
    if (!isSlow) this.#retry.unref();
  }
}

/**
 * An outlet on a standard stream, which never blocks. Node makes pipes and sockets non-blocking when it opens its
 * stream on them; `write` on a terminal may wait for whoever stopped it (Ctrl-S), as any program's does.
 */
export const standardOutlet = (
  stream: NodeJS.WriteStream & { readonly fd: number },
  lossLine: (count: number) => string,
): LossyOutlet => {
  // What is printed beside the log may fail as well, and the stream says so after the fact.
  stream.on('error', () => undefined);
  const outlet = new LossyOutlet({ fd: stream.fd, lossLine });
  process.on('exit', () => {
    outlet.flush();
  });
  return outlet;
};
