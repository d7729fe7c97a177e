// Progress on a terminal is one line that is overwritten; elsewhere a plain line now and then.

const PLAIN_INTERVAL_MS = 10_000;

export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #lastPlainMs = -Infinity;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${text}`);
      this.#isShown = true;
      return;
    }
    const nowMs = performance.now();
    if (nowMs - this.#lastPlainMs < PLAIN_INTERVAL_MS) return;
    this.#lastPlainMs = nowMs;
    this.#stream.write(`${text}\n`);
  }

  /** Leaves the last text on its line. */
  end(): void {
    if (this.#isShown) this.#stream.write('\n');
    this.#isShown = false;
  }
}
