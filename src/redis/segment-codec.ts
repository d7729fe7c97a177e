// Segments and outcomes as Redis holds them: facts and headers as JSON with a format number, pixels and maps as
// bytes. What does not read as one of them is refused with an EntryError, by whoever wrote it.
import { z } from 'zod';

import type { Segment } from '../core/frame.ts';
import { MOST_MEASURES } from '../core/segment-score.ts';
import { DROP_REASONS, type SegmentFacts, type SegmentOutcome } from '../core/ports/frame-queue.ts';
import {
  cameraField,
  countField,
  listField,
  maybe,
  sceneField,
  stampField,
} from '../entries/fields.ts';
import { EntryError, parseJsonEntry } from '../entries/parse-entry.ts';

/** Of facts and headers; what has none was written before there was one. */
const FORMAT = 1;
const LONGEST_NAME = 256;
const MOST_STAMPS = 4_096;
const LARGEST_SIDE = 1_024;

const formatField = countField
  .nullish()
  .refine((format) => (format ?? FORMAT) === FORMAT, 'another version of Patchwatch wrote it');

/** The format comes first: it is what is told where several fields are wrong. */
const factsSchema = z.object({
  format: formatField,
  id: z.string().max(LONGEST_NAME),
  cameraId: cameraField,
  sceneId: sceneField,
  stamps: listField(stampField, MOST_STAMPS),
  hasContext: z.boolean(),
  hasSlow: maybe(z.boolean()),
});

const measures = maybe(listField(z.number(), MOST_MEASURES));

const outcomeSchema = z.looseObject({ format: formatField }).pipe(
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('scored'),
      side: countField.max(LARGEST_SIDE),
      modelVersion: z.string().max(LONGEST_NAME),
      threshold: z.number(),
      hasStay: maybe(z.boolean()),
      view: measures,
      movement: measures,
    }),
    z.object({ kind: z.literal('dropped'), reason: z.enum(DROP_REASONS) }),
  ]),
);

export const encodeFacts = (segment: SegmentFacts): string => {
  const { id, cameraId, sceneId, stamps, hasContext, hasSlow } = segment;
  const facts = { id, cameraId, sceneId, stamps, hasContext, hasSlow } satisfies SegmentFacts;
  return JSON.stringify({ format: FORMAT, ...facts });
};

/** @throws EntryError */
export const decodeFacts = (bytes: Buffer): SegmentFacts => {
  const { hasSlow, ...parsed } = parseJsonEntry(factsSchema, bytes, 'facts');
  const { id, cameraId, sceneId, stamps, hasContext } = parsed;
  if (stamps.length === 0) throw new EntryError('facts.stamps is empty');
  const isOrdered = stamps.every(
    ({ sequence }, index) => index === 0 || sequence > (stamps[index - 1]?.sequence ?? Infinity),
  );
  if (!isOrdered) throw new EntryError('facts.stamps are not in order');
  const facts = { id, cameraId, sceneId, stamps, hasContext };
  return hasSlow === true ? { ...facts, hasSlow } : facts;
};

/** @throws EntryError */
export const decodeSegment = (facts: Buffer, pixels: Buffer): Segment => ({
  ...decodeFacts(facts),
  pixels: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length),
});

export const encodeOutcome = (
  outcome: SegmentOutcome,
): { readonly header: string; readonly maps: Buffer } => {
  if (outcome.kind === 'dropped')
    return { header: JSON.stringify({ format: FORMAT, ...outcome }), maps: Buffer.alloc(0) };
  const { side, modelVersion, threshold, maps, stay, view, movement } = outcome.score;
  const facts = { kind: 'scored', side, modelVersion, threshold, view, movement };
  const ofFrames = Buffer.from(maps.buffer, maps.byteOffset, maps.byteLength);
  if (stay === undefined)
    return { header: JSON.stringify({ format: FORMAT, ...facts }), maps: ofFrames };
  const { buffer, byteOffset, byteLength } = stay.map;
  return {
    header: JSON.stringify({ format: FORMAT, ...facts, hasStay: true }),
    maps: Buffer.concat([ofFrames, Buffer.from(buffer, byteOffset, byteLength)]),
  };
};

/** @throws EntryError */
export const decodeOutcome = (
  facts: SegmentFacts,
  header: Buffer,
  maps: Buffer | undefined,
): SegmentOutcome => {
  const outcome = parseJsonEntry(outcomeSchema, header, 'outcome');
  if (outcome.kind === 'dropped') return outcome;
  const { kind, side, modelVersion, threshold, hasStay, view, movement } = outcome;
  const { id, cameraId, sceneId, stamps } = facts;
  const length = stamps.length * side * side;
  const due = length + (hasStay === true ? side * side : 0);
  const floats = readMaps(maps ?? Buffer.alloc(0), due);
  const score = { segmentId: id, cameraId, sceneId, stamps, side, modelVersion, threshold };
  const stay = hasStay === true ? { map: floats.subarray(length) } : undefined;
  return { kind, score: { ...score, maps: floats.subarray(0, length), stay, view, movement } };
};

const readMaps = (maps: Buffer, count: number): Float32Array => {
  if (maps.length !== count * Float32Array.BYTES_PER_ELEMENT)
    throw new EntryError(`maps has ${maps.length} bytes where ${count} numbers belong`);
  // Copied: floats must start at a multiple of four.
  const floats = new Float32Array(Uint8Array.from(maps).buffer);
  // One of them would stay in the camera's smoothed map for ever.
  if (!floats.every(Number.isFinite)) throw new EntryError('maps has a number that is not finite');
  return floats;
};
