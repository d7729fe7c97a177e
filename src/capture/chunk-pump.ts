// Moves chunks from a stream to a consumer one at a time, and holds the stream back while the
// consumer's promise is pending. Exists because Node resumes a paused pipe by itself when the child
// behind it exits: what comes then is kept in order (at most what the pipe held, about 200 kB).
import type { Readable } from 'node:stream';

type Consumer = (chunk: Buffer) => void | Promise<void>;

export class ChunkPump {
  readonly #stream: Readable;
  readonly #consume: Consumer;
  readonly #waiting: Buffer[] = [];
  #isBusy = false;
  #isStopped = false;
  #hasEnded = false;
  #finish: (() => void) | undefined;
  #fail: ((reason: unknown) => void) | undefined;

  constructor(options: { readonly stream: Readable; readonly consume: Consumer }) {
    this.#stream = options.stream;
    this.#consume = options.consume;
  }

  /** Resolves when the stream has ended and all of it is consumed; rejects with the consumer's error. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
      this.#stream.on('data', (chunk: Buffer) => this.#accept(chunk));
      // `close` without `end` is a pipe torn down; the child's exit tells why.
      for (const event of ['end', 'close', 'error']) this.#stream.on(event, () => this.#end());
    });
  }

  /** The consumer is not called again, and `run` resolves. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    this.#stream.destroy();
    this.#finish?.();
  }

  #accept(chunk: Buffer): void {
    if (this.#isStopped) return;
    if (this.#isBusy) this.#waiting.push(chunk);
    else this.#feed(chunk);
  }

  #feed(chunk: Buffer): void {
    let held: void | Promise<void>;
    try {
      held = this.#consume(chunk);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    if (held === undefined) return;
    this.#isBusy = true;
    this.#stream.pause();
    held.then(
      () => {
        this.#isBusy = false;
        this.#goOn();
      },
      (error: unknown) => this.#giveUp(error),
    );
  }

  #goOn(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#feed(next);
    if (this.#isBusy || this.#isStopped) return;
    if (this.#hasEnded) this.#finish?.();
    else this.#stream.resume();
  }

  #next(): Buffer | undefined {
    return this.#isBusy || this.#isStopped ? undefined : this.#waiting.shift();
  }

  #end(): void {
    this.#hasEnded = true;
    if (!this.#isBusy) this.#finish?.();
  }

  #giveUp(error: unknown): void {
    this.#fail?.(error);
    this.stop();
  }
}
