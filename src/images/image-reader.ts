// Decodes image files on a thread of its own, into memory that both threads see, while the thread that asks learns or
// scores the batch before. One reader serves clip after clip.
import { Worker } from 'node:worker_threads';

import { deferred, type Deferred } from '../core/deferred.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { FrameBatch } from './image-frames.ts';
import type { ReaderMessage, ReaderRequest } from './image-reader-thread.ts';
import type { StillGeometry } from './still-geometry.ts';

/** One batch is read, one is ready, one is being filled. */
const BATCHES = 3;

export interface ImageReaderOptions {
  /** JavaScript file of the thread: image-reader-thread.ts, built. */
  readonly threadPath: URL | string;
}

/** What one `read` has been sent and not yielded yet. */
interface Reading {
  readonly id: number;
  readonly arrived: ReaderMessage[];
  news: Deferred<undefined>;
}

export class ImageReader {
  readonly #options: ImageReaderOptions;
  #thread: Worker | undefined;
  #reading: Reading | undefined;
  #lastId = 0;
  #memories: readonly Uint8Array[] = [];
  #areMemoriesSent = false;

  constructor(options: ImageReaderOptions) {
    this.#options = options;
  }

  /**
   * Batches of at most `batchFrames` frames, in order; all full but the last. One at a time: a second `read` ends the
   * first.
   *
   * @throws PatchwatchError DATASET_INVALID naming the file that is none
   */
  async *read(
    paths: readonly string[],
    batchFrames: number,
    geometries?: readonly StillGeometry[],
  ): AsyncGenerator<FrameBatch> {
    const thread = (this.#thread ??= this.#start());
    const reading: Reading = { id: ++this.#lastId, arrived: [], news: deferred() };
    this.#reading = reading;
    this.#makeRoom(batchFrames * FRAME_BYTES);
    const send = (request: ReaderRequest): void => {
      thread.postMessage(request);
    };
    // A thread that waits must not keep the process alive; one that works must.
    thread.ref();
    const memories = this.#areMemoriesSent ? undefined : this.#memories;
    send({ kind: 'read', id: reading.id, paths, geometries, batchFrames, memories });
    this.#areMemoriesSent = true;
    try {
      for (;;) {
        const message = reading.arrived.shift();
        if (message === undefined) await reading.news.promise;
        else if (message.kind === 'end') return;
        else if (message.kind === 'failed') throw failureOf(message);
        else {
          const memory = this.#memories[message.memory] ?? new Uint8Array(0);
          const { frameCount } = message;
          yield { pixels: memory.subarray(0, frameCount * FRAME_BYTES), frameCount };
          send({ kind: 'free', id: reading.id });
        }
      }
    } finally {
      send({ kind: 'stop', id: reading.id });
      thread.unref();
    }
  }

  #makeRoom(byteCount: number): void {
    if (this.#memories[0]?.length === byteCount) return;
    this.#memories = Array.from(
      { length: BATCHES },
      () => new Uint8Array(new SharedArrayBuffer(byteCount)),
    );
    this.#areMemoriesSent = false;
  }

  #start(): Worker {
    const thread = new Worker(this.#options.threadPath);
    thread.on('message', (message: ReaderMessage) => {
      this.#receive(message);
    });
    thread.on('error', (thrown) => {
      this.#thread = undefined;
      this.#areMemoriesSent = false;
      const { message } = toError(thrown);
      this.#receive({ kind: 'failed', id: this.#lastId, code: 'INTERNAL', message });
    });
    return thread;
  }

  #receive(message: ReaderMessage): void {
    const reading = this.#reading;
    if (reading?.id !== message.id) return;
    reading.arrived.push(message);
    reading.news.resolve(undefined);
    reading.news = deferred();
  }
}

const failureOf = ({ code, message }: { code: PatchwatchError['code']; message: string }): Error =>
  new PatchwatchError(code, message);
