// Puts a reply's headers and map bytes back together with the segments they belong to.
import type { Segment } from '../core/frame.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import { badMessage, type OutcomeHeader } from './scorer-message.ts';

const toFloats = (bytes: Uint8Array): Float32Array => {
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer);
};

/**
 * One outcome for each segment, in their order.
 *
 * @throws PatchwatchError SCORER_MESSAGE_INVALID when the maps are not those of the segments
 */
export const toOutcomes = (
  segments: readonly Segment[],
  headers: readonly OutcomeHeader[],
  payload: Uint8Array,
): readonly SegmentOutcome[] => {
  if (headers.length !== segments.length) {
    throw badMessage(`${headers.length} outcomes of ${segments.length} segments`);
  }
  const announced = headers.reduce(
    (sum, header) => sum + (header.kind === 'scored' ? header.mapBytes : 0),
    0,
  );
  if (payload.byteLength !== announced) {
    throw badMessage(`${payload.byteLength} bytes of maps where ${announced} were announced`);
  }
  let offset = 0;
  return segments.map((segment, index): SegmentOutcome => {
    const header = headers[index];
    if (header?.kind !== 'scored')
      return { kind: 'dropped', reason: header?.reason ?? 'scorer_failed' };
    const mapLength = header.side ** 2;
    const frameLength = segment.stamps.length * mapLength;
    const due =
      (frameLength + (header.hasStay === true ? mapLength : 0)) * Float32Array.BYTES_PER_ELEMENT;
    if (header.mapBytes !== due) throw badMessage(`maps of ${header.mapBytes} bytes, not ${due}`);
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
        maps: maps.subarray(0, frameLength),
        modelVersion: header.modelVersion,
        threshold: header.threshold,
        stay: header.hasStay === true ? { map: maps.subarray(frameLength) } : undefined,
        view: header.view,
        movement: header.movement,
      },
    };
  });
};
