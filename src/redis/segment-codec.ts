// Segments and outcomes as Redis holds them: facts and headers as JSON with a format number, pixels and maps as
// bytes. What does not read as one of them is refused with an EntryError, by whoever wrote it.
import { z } from 'zod';

import type { Segment } from '../core/frame.ts';
import { DROP_REASONS, type SegmentFacts, type SegmentOutcome } from '../core/ports/frame-queue.ts';
import { cameraField, countField, listField, sceneField, stampField } from '../entries/fields.ts';
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
});

const outcomeSchema = z.looseObject({ format: formatField }).pipe(
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('scored'),
      side: countField.max(LARGEST_SIDE),
      modelVersion: z.string().max(LONGEST_NAME),
      threshold: z.number(),
    }),
    z.object({ kind: z.literal('dropped'), reason: z.enum(DROP_REASONS) }),
  ]),
);

export const encodeFacts = (segment: SegmentFacts): string => {
  const { id, cameraId, sceneId, stamps, hasContext } = segment;
  const facts = { id, cameraId, sceneId, stamps, hasContext } satisfies SegmentFacts;
  return JSON.stringify({ format: FORMAT, ...facts });
};

/** @throws EntryError */
export const decodeFacts = (bytes: Buffer): SegmentFacts => {
  const facts = parseJsonEntry(factsSchema, bytes, 'facts');
  const { id, cameraId, sceneId, stamps, hasContext } = facts;
  if (stamps.length === 0) throw new EntryError('facts.stamps is empty');
  const isOrdered = stamps.every(
    ({ sequence }, index) => index === 0 || sequence > (stamps[index - 1]?.sequence ?? Infinity),
  );
  if (!isOrdered) throw new EntryError('facts.stamps are not in order');
  return { id, cameraId, sceneId, stamps, hasContext };
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
  const { side, modelVersion, threshold, maps } = outcome.score;
  return {
    header: JSON.stringify({ format: FORMAT, kind: 'scored', side, modelVersion, threshold }),
    maps: Buffer.from(maps.buffer, maps.byteOffset, maps.byteLength),
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
  const { kind, side, modelVersion, threshold } = outcome;
  const { id, cameraId, sceneId, stamps } = facts;
  const floats = readMaps(maps ?? Buffer.alloc(0), stamps.length * side * side);
  const score = { segmentId: id, cameraId, sceneId, stamps, side, modelVersion, threshold };
  return { kind, score: { ...score, maps: floats } };
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
