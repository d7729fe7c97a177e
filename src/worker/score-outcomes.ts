// Puts a reply's headers and map bytes back together with the segments they belong to.
import type { Segment } from '../core/frame.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { OutcomeHeader } from './scorer-message.ts';

const toFloats = (bytes: Uint8Array): Float32Array => {
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer);
};

export const toOutcomes = (
  segments: readonly Segment[],
  headers: readonly OutcomeHeader[],
  payload: Uint8Array,
): readonly SegmentOutcome[] => {
  let offset = 0;
  return segments.map((segment, index): SegmentOutcome => {
    const header = headers[index];
    if (header === undefined) return { kind: 'dropped', reason: 'scorer_failed' };
    if (header.kind === 'dropped') return { kind: 'dropped', reason: header.reason };
    const maps = toFloats(payload.subarray(offset, offset + header.mapBytes));
    offset += header.mapBytes;
    return {
      kind: 'scored',
      score: {
        segmentId: segment.id,
        cameraId: segment.cameraId,
        sceneId: segment.sceneId,
        stamps: segment.stamps,
        side: header.side,
        maps,
        modelVersion: header.modelVersion,
        threshold: header.threshold,
      },
    };
  });
};
