// A line of the log's files: checksum, blank, JSON. What a crash tore or a disk bent does not pass for a record.
import { crc32 } from 'node:zlib';

import { z } from 'zod';

import type { Event, LoggedEvent } from '../core/event.ts';
import { ID_PATTERN, cameraId, type CameraId } from '../core/ids.ts';
import { eventSchema } from './event-schema.ts';

/** Files of a greater one are refused: an older program would lose what it does not know. */
export const LOG_FORMAT = 1;

const cursor = z.int().min(0);
const states = z
  .record(z.string().regex(ID_PATTERN), z.base64())
  .transform(
    (texts): ReadonlyMap<CameraId, Uint8Array> =>
      new Map(
        Object.entries(texts).map(([camera, text]) => [
          cameraId(camera),
          Buffer.from(text, 'base64'),
        ]),
      ),
  );

/** Begins each file: all that is known but the events, so that earlier files may go. */
const head = z.object({
  kind: z.literal('head'),
  format: z.int(),
  /** Cursor before the file's first event. */
  cursor,
  runCount: z.int().min(0),
  states,
  consumers: z.record(z.string(), cursor),
});

const step = z.object({
  kind: z.literal('step'),
  /** Cursor of its first event. */
  first: cursor,
  events: z.array(eventSchema),
  runCount: z.int().min(0),
  states,
});

const consumer = z.object({ kind: z.literal('consumer'), name: z.string(), cursor });

const run = z.object({ kind: z.literal('run'), runCount: z.int().min(0) });

const recordSchema = z.discriminatedUnion('kind', [head, step, consumer, run]);
export type LogRecord = z.output<typeof recordSchema>;

const CHECKSUM_LENGTH = 8;

const checksum = (json: string): string => crc32(json).toString(16).padStart(CHECKSUM_LENGTH, '0');

/** Maps of bytes become base64, as JSON has no bytes. */
const plain = (_key: string, value: unknown): unknown =>
  value instanceof Map
    ? Object.fromEntries(
        [...(value as ReadonlyMap<string, Uint8Array>)].map(([name, bytes]) => [
          name,
          Buffer.from(bytes).toString('base64'),
        ]),
      )
    : value;

/** One line, with its end. */
export const encodeRecord = (record: LogRecord): string => {
  const json = JSON.stringify(record, plain);
  return `${checksum(json)} ${json}\n`;
};

/** Undefined for a line that is torn, bent, or of no known shape. */
export const decodeRecord = (line: string): LogRecord | undefined => {
  const json = line.slice(CHECKSUM_LENGTH + 1);
  if (line.slice(0, CHECKSUM_LENGTH) !== checksum(json)) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
};

/** The events of a step with their cursors. */
export const entriesOf = ({
  first,
  events,
}: {
  readonly first: number;
  readonly events: readonly Event[];
}): readonly LoggedEvent[] => events.map((event, index) => ({ cursor: first + index, event }));
