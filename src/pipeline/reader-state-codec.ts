// A reader's state as bytes, for whoever keeps it over restarts: JSON, then the smoothed map as float32.
import type { ReaderState } from './score-reader.ts';

/** Another number makes states of other versions unreadable: their cameras start anew. */
const FORMAT = 1;
const PREFIX_BYTES = 4;

export interface KeptReading {
  /** Sequence of the next frame to read. */
  readonly next: number;
  /** Undefined when no frame was read yet. */
  readonly reader: ReaderState | undefined;
}

interface Header {
  readonly format: number;
  readonly next: number;
  readonly reader: Omit<ReaderState, 'average'> | undefined;
}

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
  const header = readHeader(bytes);
  if (header === undefined) return undefined;
  const { next, reader } = header.value;
  if (reader === undefined) return { next, reader };
  // A copy of their own: floats must start at a multiple of four.
  const floats = new Uint8Array(bytes.subarray(header.end));
  if (floats.length === 0) return { next, reader: { ...reader, average: undefined } };
  if (floats.length !== reader.side * reader.side * Float32Array.BYTES_PER_ELEMENT)
    return undefined;
  return { next, reader: { ...reader, average: new Float32Array(floats.buffer) } };
};

const readHeader = (bytes: Uint8Array): { value: Header; end: number } | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < PREFIX_BYTES) return undefined;
  const end = PREFIX_BYTES + view.readUInt32LE();
  try {
    const value = JSON.parse(view.toString('utf8', PREFIX_BYTES, end)) as Header;
    return value.format === FORMAT ? { value, end } : undefined;
  } catch {
    return undefined;
  }
};
