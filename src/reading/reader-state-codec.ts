// A reader's state as bytes, for whoever keeps it over restarts: JSON, then the smoothed map as float32.
import { aSceneId, aSequence, aStamp } from '../core/frame-shape.ts';
import { aPoint, aRegion } from '../core/place-shape.ts';
import {
  aCount,
  aNumber,
  aText,
  oneOf,
  optional,
  parseJson,
  record,
  ShapeError,
  type Shape,
} from '../core/shape.ts';
import type { TrackerState } from './alert-tracker.ts';
import type { ReaderState } from './score-reader.ts';

/** Another number makes states of other versions unreadable: their cameras start anew. */
const FORMAT = 1;
const PREFIX_BYTES = 4;
const LONGEST_ID = 256;
const LARGEST_SIDE = 1_024;

export interface KeptReading {
  /** Sequence of the next frame to read. */
  readonly next: number;
  /** Undefined when no frame was read yet. */
  readonly reader: ReaderState | undefined;
}

const aSeenFrame = record({
  sceneId: aSceneId,
  stamp: aStamp,
  score: aNumber,
  threshold: aNumber,
  peak: aPoint,
});

const candidateFields = {
  started: aStamp,
  lastHigh: aStamp,
  last: aSeenFrame,
  peak: aSeenFrame,
  peakRegion: aRegion,
};

const aCandidate = record(candidateFields);

const anOpenAlert = record({
  ...candidateFields,
  id: aText(LONGEST_ID),
  reported: aStamp,
  reportedPeak: aNumber,
});

const trackerKind = record({ kind: oneOf(['quiet', 'rising', 'open']) });
const risingTracker = record({ candidate: aCandidate });
const openTracker = record({ alert: anOpenAlert });

const aTracker: Shape<TrackerState> = (value, name) => {
  const { kind } = trackerKind(value, name);
  switch (kind) {
    case 'quiet':
      return { kind };
    case 'rising':
      return { kind, ...risingTracker(value, name) };
    case 'open':
      return { kind, ...openTracker(value, name) };
  }
};

const aHeader = record({
  format: aCount(),
  next: aSequence,
  reader: optional(
    record({ sceneId: aSceneId, last: aStamp, side: aCount(LARGEST_SIDE), tracker: aTracker }),
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
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
};

const readReading = (bytes: Uint8Array): KeptReading | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < PREFIX_BYTES) return undefined;
  const end = PREFIX_BYTES + view.readUInt32LE();
  const { format, next, reader } = parseJson(view.subarray(PREFIX_BYTES, end), aHeader, 'state');
  if (format !== FORMAT) return undefined;
  if (reader === undefined) return { next, reader };
  // A copy of their own: floats must start at a multiple of four.
  const floats = new Uint8Array(bytes.subarray(end));
  if (floats.length === 0) return { next, reader: { ...reader, average: undefined } };
  if (floats.length !== reader.side * reader.side * Float32Array.BYTES_PER_ELEMENT)
    return undefined;
  const average = new Float32Array(floats.buffer);
  return average.every(Number.isFinite) ? { next, reader: { ...reader, average } } : undefined;
};
