// Segments and outcomes as Redis holds them: facts and headers as JSON with a format number, pixels and maps as
// bytes. What does not read as one of them is refused with a ShapeError, by whoever wrote it.
import { aCameraId, aSceneId, aStamp } from '../core/frame-shape.ts';
import type { Segment } from '../core/frame.ts';
import { DROP_REASONS, type SegmentFacts, type SegmentOutcome } from '../core/ports/frame-queue.ts';
import {
  aCount,
  aFlag,
  aNumber,
  aText,
  listOf,
  oneOf,
  optional,
  parseJson,
  record,
  ShapeError,
  type Shape,
} from '../core/shape.ts';

/** Of facts and headers; what has none was written before there was one. */
const FORMAT = 1;
const LONGEST_NAME = 256;
const MOST_STAMPS = 4_096;
const LARGEST_SIDE = 1_024;

export const aFormat: Shape<number> = (value, name) => {
  const format = optional(aCount())(value, name) ?? FORMAT;
  if (format === FORMAT) return format;
  throw new ShapeError(`${name} is ${format}: another version of Patchwatch wrote it`);
};

const factsShape = record({
  format: aFormat,
  id: aText(LONGEST_NAME),
  cameraId: aCameraId,
  sceneId: aSceneId,
  stamps: listOf(aStamp, MOST_STAMPS),
  hasContext: aFlag,
});

const kindShape = record({ format: aFormat, kind: oneOf(['scored', 'dropped']) });
const droppedShape = record({ reason: oneOf(DROP_REASONS) });
const scoredShape = record({
  side: aCount(LARGEST_SIDE),
  modelVersion: aText(LONGEST_NAME),
  threshold: aNumber,
});

export const encodeFacts = (segment: SegmentFacts): string => {
  const { id, cameraId, sceneId, stamps, hasContext } = segment;
  const facts = { id, cameraId, sceneId, stamps, hasContext } satisfies SegmentFacts;
  return JSON.stringify({ format: FORMAT, ...facts });
};

/** @throws ShapeError */
export const decodeFacts = (bytes: Buffer): SegmentFacts => {
  const { id, cameraId, sceneId, stamps, hasContext } = parseJson(bytes, factsShape, 'facts');
  if (stamps.length === 0) throw new ShapeError('facts.stamps is empty');
  const isOrdered = stamps.every(
    ({ sequence }, index) => index === 0 || sequence > (stamps[index - 1]?.sequence ?? Infinity),
  );
  if (!isOrdered) throw new ShapeError('facts.stamps are not in order');
  return { id, cameraId, sceneId, stamps, hasContext };
};

/** @throws ShapeError */
export const decodeSegment = (facts: Buffer, pixels: Buffer): Segment => ({
  ...decodeFacts(facts),
  pixels: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length),
});

export const encodeOutcome = (
  outcome: SegmentOutcome,
): { readonly header: string; readonly maps: Buffer } => {
  if (outcome.kind === 'dropped')
    return { header: JSON.stringify({ format: FORMAT, ...outcome }), maps: Buffer.alloc(0) };
  const { side, modelVersion, threshold, maps } = outcome.score;
  return {
    header: JSON.stringify({ format: FORMAT, kind: 'scored', side, modelVersion, threshold }),
    maps: Buffer.from(maps.buffer, maps.byteOffset, maps.byteLength),
  };
};

/** @throws ShapeError */
export const decodeOutcome = (
  facts: SegmentFacts,
  header: Buffer,
  maps: Buffer | undefined,
): SegmentOutcome => {
  const { kind } = parseJson(header, kindShape, 'outcome');
  if (kind === 'dropped')
    return { kind, reason: parseJson(header, droppedShape, 'outcome').reason };
  const { id, cameraId, sceneId, stamps } = facts;
  const { side, modelVersion, threshold } = parseJson(header, scoredShape, 'outcome');
  const floats = readMaps(maps ?? Buffer.alloc(0), stamps.length * side * side);
  const score = { segmentId: id, cameraId, sceneId, stamps, side, modelVersion, threshold };
  return { kind, score: { ...score, maps: floats } };
};

const readMaps = (maps: Buffer, count: number): Float32Array => {
  if (maps.length !== count * Float32Array.BYTES_PER_ELEMENT)
    throw new ShapeError(`maps has ${maps.length} bytes where ${count} numbers belong`);
  // Copied: floats must start at a multiple of four.
  const floats = new Float32Array(Uint8Array.from(maps).buffer);
  // One of them would stay in the camera's smoothed map for ever.
  if (!floats.every(Number.isFinite)) throw new ShapeError('maps has a number that is not finite');
  return floats;
};
