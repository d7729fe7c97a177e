// Turns a source that pushes frames into batches that are pulled.
import { deferred, type Deferred } from '../core/deferred.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { FrameSource } from '../core/ports/frame-source.ts';
import { BatchSink } from '../fitting/batch-sink.ts';

interface PulledBatch {
  readonly pixels: Uint8Array;
  readonly frameCount: number;
}

/** Batches of at most `batchFrames`, each valid until the next is asked for. Stops the source when left early. */
export async function* pullBatches(
  source: FrameSource,
  batchFrames: number,
): AsyncGenerator<PulledBatch> {
  const stop = new AbortController();
  let offered: Deferred<PulledBatch | undefined> = deferred();
  let consumed: Deferred<undefined> = deferred();
  const sink = new BatchSink({
    batchFrames,
    gapMs: Infinity,
    handle: ({ pixels, hasContext, times }) => {
      const frames = pixels.subarray(hasContext ? FRAME_BYTES : 0);
      offered.resolve({ pixels: frames, frameCount: times.length });
      return consumed.promise;
    },
  });
  const playing = source.play(sink, stop.signal).then(() => sink.flush());
  playing.then(
    () => offered.resolve(undefined),
    () => offered.resolve(undefined),
  );
  try {
    for (;;) {
      const batch = await offered.promise;
      if (batch === undefined) break;
      yield batch;
      const release = consumed;
      offered = deferred();
      consumed = deferred();
      release.resolve(undefined);
    }
    await playing;
  } finally {
    stop.abort();
    consumed.resolve(undefined);
    await playing.catch(() => undefined);
  }
}
