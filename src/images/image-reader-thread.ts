// The thread that image-reader.ts starts: fills memory that both threads see, as fast as it is freed.
import { parentPort } from 'node:worker_threads';

import { deferred } from '../core/deferred.ts';
import { PatchwatchError, toError, type ErrorCode } from '../core/errors.ts';
import { readImageFrames } from './image-frames.ts';
import type { StillGeometry } from './still-geometry.ts';

export type ReaderRequest =
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly paths: readonly string[];
      readonly geometries: readonly StillGeometry[] | undefined;
      readonly batchFrames: number;
      /** Filled in turn. Sent when they are new only: handing over shared memory takes milliseconds. */
      readonly memories: readonly Uint8Array[] | undefined;
    }
  /** The batch that was sent first is not needed any more. */
  | { readonly kind: 'free'; readonly id: number }
  | { readonly kind: 'stop'; readonly id: number };

export type ReaderMessage =
  | {
      readonly kind: 'batch';
      readonly id: number;
      /** Which of the memories. */
      readonly memory: number;
      readonly frameCount: number;
    }
  | { readonly kind: 'end'; readonly id: number }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
    };

type ReadRequest = Extract<ReaderRequest, { kind: 'read' }>;

/** Not empty once a read was asked for. */
const shared: { memories: readonly Uint8Array[] } = { memories: [] };

/** What the other thread last said, and the reading under way: one at a time, because they share memory. */
const state = { id: 0, freed: 0, news: deferred<undefined>(), reading: Promise.resolve() };

const send = (message: ReaderMessage): void => parentPort?.postMessage(message);

const isWanted = (id: number): boolean => state.id === id;

/** Until the memory that the next batch takes is free; all are at first. */
const untilFree = async (id: number, sent: number, memoryCount: number): Promise<void> => {
  while (isWanted(id) && sent - state.freed >= memoryCount) await state.news.promise;
};

const read = async (request: ReadRequest): Promise<void> => {
  const { id, paths, batchFrames, geometries } = request;
  const memories = request.memories ?? shared.memories;
  shared.memories = memories;
  let sent = 0;
  const frames = readImageFrames(paths, batchFrames, geometries, memories);
  for (;;) {
    await untilFree(id, sent, memories.length);
    if (!isWanted(id)) break;
    const next = await frames.next();
    if (next.done === true) break;
    const { frameCount } = next.value;
    send({ kind: 'batch', id, memory: sent % memories.length, frameCount });
    sent += 1;
  }
  await frames.return(undefined);
  send({ kind: 'end', id });
};

const failed = (id: number, thrown: unknown): void => {
  const error = toError(thrown);
  const code = error instanceof PatchwatchError ? error.code : 'INTERNAL';
  send({ kind: 'failed', id, code, message: error.message });
};

parentPort?.on('message', (request: ReaderRequest) => {
  if (request.kind === 'read') {
    state.id = request.id;
    state.freed = 0;
    state.reading = state.reading
      .then(() => read(request))
      .catch((thrown: unknown) => {
        failed(request.id, thrown);
      });
  } else if (isWanted(request.id)) {
    if (request.kind === 'free') state.freed += 1;
    else state.id = 0;
  }
  state.news.resolve(undefined);
  state.news = deferred();
});
