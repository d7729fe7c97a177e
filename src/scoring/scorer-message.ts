// The wire between the daemon and its scoring process: one duplex pipe, each message a length-prefixed
// JSON header followed by raw bytes. Pixels go from the segment's own memory to the pipe and from the
// pipe into the scorer's batch memory, with no serialisation between. Headers are small and parsed whole
// at both ends: what does not parse means that the other end is not what it should be.
import { z } from 'zod';

import { ERROR_CODES, PatchwatchError, type ErrorCode } from '../core/errors.ts';
import { MOST_MEASURES } from '../core/segment-score.ts';
import { METRICS, type MetricName } from '../core/metric-catalogue.ts';
import { DROP_REASONS } from '../core/ports/frame-queue.ts';

/** u32 little-endian header length, u32 little-endian payload length. */
export const PREFIX_BYTES = 8;

/** Of what is said here: both ends are of one build, unless it was replaced under a running daemon. */
export const WIRE_VERSION = 1;

/** A batch of hundreds of segments takes a fraction of it; more means that the stream is out of step. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** Two batches of the largest kind; more means that the stream is out of step. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

const segmentHeader = z.object({
  segmentId: z.string(),
  cameraId: z.string(),
  sceneId: z.string(),
  /** What scoring needs of a frame's stamp; the rest stays with the daemon. */
  stamps: z.array(z.object({ sequence: z.int() })).readonly(),
  hasContext: z.boolean(),
  hasSlow: z.boolean().optional(),
  pixelBytes: z.int().min(0),
});
export type SegmentHeader = Readonly<z.infer<typeof segmentHeader>>;

const scoreRequest = z.object({
  kind: z.literal('score'),
  batchId: z.int(),
  segments: z.array(segmentHeader).readonly(),
});
export type ScoreRequest = Readonly<z.infer<typeof scoreRequest>>;

/** Flat lists of numbers that a segment was measured by. */
const measures = z.array(z.number()).max(MOST_MEASURES).readonly().optional();

const outcomeHeader = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('scored'),
    side: z.int().min(1),
    mapBytes: z.int().min(0),
    modelVersion: z.string(),
    threshold: z.number(),
    /** Whether the map of what stays follows those of the frames. */
    hasStay: z.boolean().optional(),
    view: measures,
    movement: measures,
  }),
  z.object({ kind: z.literal('dropped'), reason: z.enum(DROP_REASONS), detail: z.string() }),
]);
export type OutcomeHeader = Readonly<z.infer<typeof outcomeHeader>>;

const isMetric = (value: unknown): value is MetricName =>
  typeof value === 'string' && Object.hasOwn(METRICS, value);

const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);

const metricSample = z
  .object({
    verb: z.enum(['add', 'restate', 'set', 'observe']),
    name: z.custom<MetricName>(isMetric, 'no metric of the catalogue'),
    labels: z.record(z.string(), z.string()),
    value: z.number(),
  })
  .refine(
    ({ name, labels }) =>
      Object.keys(labels).sort().join() === [...METRICS[name].labels].sort().join(),
    'labels are not those of the metric',
  );

const scorerReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), engine: z.string() }),
  /** It can't score, or not read what it was sent, and ends. */
  z.object({
    kind: z.literal('failed'),
    code: z.custom<ErrorCode>(isErrorCode, 'no error code'),
    message: z.string(),
  }),
  /** Some time after `ready`. */
  z.object({
    kind: z.literal('calibrated'),
    frames: z.int().min(1),
    waitMs: z.number().min(0),
    framesPerSecond: z.number().optional(),
  }),
  z.object({
    kind: z.literal('scores'),
    batchId: z.int(),
    outcomes: z.array(outcomeHeader).readonly(),
    /** Time the batch took in the scorer. */
    seconds: z.number().min(0),
    /** What the scorer has to tell the daemon's metrics. */
    samples: z.array(metricSample).readonly(),
  }),
]);
export type ScorerReply = Readonly<z.infer<typeof scorerReply>>;

const envelope = z.object({ version: z.literal(WIRE_VERSION) });

export const badMessage = (what: string, cause?: unknown): PatchwatchError =>
  new PatchwatchError('SCORER_MESSAGE_INVALID', `message of the scorer’s wire: ${what}`, { cause });

const parse = <Parsed>(schema: z.ZodType<Parsed>, header: unknown): Parsed => {
  const versioned = envelope.safeParse(header);
  if (!versioned.success) throw badMessage(`not of version ${WIRE_VERSION}`);
  const { success, data, error } = schema.safeParse(header);
  if (success) return data;
  const [issue] = error.issues;
  throw badMessage(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
};

/** @throws PatchwatchError SCORER_MESSAGE_INVALID */
export const parseReply = (header: unknown): ScorerReply => parse(scorerReply, header);

/**
 * @param payloadBytes of the pixels that follow
 * @throws PatchwatchError SCORER_MESSAGE_INVALID
 */
export const parseRequest = (header: unknown, payloadBytes: number): ScoreRequest => {
  const request = parse(scoreRequest, header);
  const pixelBytes = request.segments.reduce((sum, segment) => sum + segment.pixelBytes, 0);
  if (pixelBytes === payloadBytes) return request;
  throw badMessage(`${payloadBytes} bytes of pixels where ${pixelBytes} were announced`);
};

/** @throws PatchwatchError SCORER_MESSAGE_INVALID */
export const parseHeaderText = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw badMessage('header is not JSON', error);
  }
};

export interface MessageLengths {
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

/**
 * Nothing is allocated for lengths out of all reason.
 *
 * @throws PatchwatchError SCORER_MESSAGE_INVALID
 */
export const readPrefix = (prefix: Buffer): MessageLengths => {
  const headerBytes = prefix.readUInt32LE(0);
  const payloadBytes = prefix.readUInt32LE(4);
  if (headerBytes > MAX_HEADER_BYTES || headerBytes + payloadBytes > MAX_MESSAGE_BYTES) {
    throw badMessage(`${headerBytes} + ${payloadBytes} bytes`);
  }
  return { headerBytes, payloadBytes };
};

export const encodeHeader = (header: object, payloadBytes: number): Buffer => {
  const json = Buffer.from(JSON.stringify({ version: WIRE_VERSION, ...header }), 'utf8');
  const message = Buffer.allocUnsafe(PREFIX_BYTES + json.length);
  message.writeUInt32LE(json.length, 0);
  message.writeUInt32LE(payloadBytes, 4);
  json.copy(message, PREFIX_BYTES);
  return message;
};
