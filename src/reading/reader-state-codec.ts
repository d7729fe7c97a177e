// A reader's state as bytes, for whoever keeps it over restarts: JSON, then the smoothed map as float32.
import { z } from 'zod';

import { CUES } from '../core/alert.ts';
import { countField, maybe, sceneField, sequenceField, stampField } from '../entries/fields.ts';
import { EntryError, parseJsonEntry } from '../entries/parse-entry.ts';
import { REGION_COUNT } from '../movement/regions.ts';
import { AVERAGE_COUNT } from '../movement/running-shares.ts';
import type { TrackerState } from './alert-tracker.ts';
import { MOST_CHANGES } from './change-reader.ts';
import type { ReaderState } from './score-reader.ts';
import { viewStateSchema } from './view-state-schema.ts';

/** Another number makes states of other versions unreadable: their cameras start anew. */
const FORMAT = 2;
const PREFIX_BYTES = 4;
const LONGEST_ID = 256;
const LARGEST_SIDE = 1_024;

export interface KeptReading {
  /** Sequence of the next frame to read. */
  readonly next: number;
  /** Undefined when no frame was read yet. */
  readonly reader: ReaderState | undefined;
}

const seenFrame = z.object({
  sceneId: sceneField,
  stamp: stampField,
  score: z.number(),
  threshold: z.number(),
  peak: z.object({ x: z.number(), y: z.number() }),
  cue: z.enum(CUES),
});

const regionSchema = z.object({
  ...{ x: z.number(), y: z.number() },
  ...{ width: z.number(), height: z.number() },
});

const candidate = z.object({
  started: stampField,
  lastHigh: stampField,
  last: seenFrame,
  peak: seenFrame,
  peakRegion: regionSchema,
});

const openAlert = candidate.extend({
  id: z.string().max(LONGEST_ID),
  reported: stampField,
  reportedPeak: z.number(),
});

const trackerSchema: z.ZodType<TrackerState> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('quiet') }),
  z.object({ kind: z.literal('rising'), candidate }),
  z.object({ kind: z.literal('open'), alert: openAlert }),
]);

const trackedChange = z.object({
  number: countField,
  region: regionSchema,
  tracker: trackerSchema,
});

const movementReading = z.object({
  judge: maybe(
    z.object({
      last: stampField,
      averages: z.array(z.number().min(0).max(1)).length(AVERAGE_COUNT),
      sums: z.array(z.number().min(0)).length(REGION_COUNT),
    }),
  ),
  absence: trackerSchema,
  direction: trackerSchema,
});

const headerSchema = z.object({
  format: z.literal(FORMAT),
  next: sequenceField,
  reader: maybe(
    z.object({
      sceneId: sceneField,
      last: stampField,
      side: countField.max(LARGEST_SIDE),
      tracker: trackerSchema,
      changes: z.array(trackedChange).max(MOST_CHANGES),
      movement: movementReading,
      view: maybe(viewStateSchema),
    }),
  ),
});

export const encodeReading = ({ next, reader }: KeptReading): Uint8Array => {
  const { average, ...facts } = reader ?? { average: undefined };
  const header = { format: FORMAT, next, reader: reader === undefined ? undefined : facts };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(json.length);
  const floats =
    average === undefined
      ? Buffer.alloc(0)
      : Buffer.from(average.buffer, average.byteOffset, average.byteLength);
  return Buffer.concat([prefix, json, floats]);
};

/** Undefined for what another version wrote, or nobody. */
export const decodeReading = (bytes: Uint8Array): KeptReading | undefined => {
  try {
    return readReading(bytes);
  } catch (error) {
    if (error instanceof EntryError) return undefined;
    throw error;
  }
};

const readReading = (bytes: Uint8Array): KeptReading | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < PREFIX_BYTES) return undefined;
  const end = PREFIX_BYTES + view.readUInt32LE();
  const header = view.subarray(PREFIX_BYTES, end);
  const { next, reader } = parseJsonEntry(headerSchema, header, 'state');
  if (reader === undefined) return { next, reader };
  // A copy of their own: floats must start at a multiple of four.
  const floats = new Uint8Array(bytes.subarray(end));
  if (floats.length === 0) return { next, reader: { ...reader, average: undefined } };
  if (floats.length !== reader.side * reader.side * Float32Array.BYTES_PER_ELEMENT)
    return undefined;
  const average = new Float32Array(floats.buffer);
  return average.every(Number.isFinite) ? { next, reader: { ...reader, average } } : undefined;
};
