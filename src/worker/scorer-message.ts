// The wire between the daemon and its scoring process: one duplex pipe, each message a length-prefixed
// JSON header followed by raw bytes. Pixels go from the segment's own memory to the pipe and from the
// pipe into the scorer's batch memory, with no serialisation between.
import type { ErrorCode } from '../core/errors.ts';
import type { FrameStamp } from '../core/frame.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { Calibration } from './batch-calibration.ts';
import type { MetricSample } from './relay-meter.ts';

/** u32 little-endian header length, u32 little-endian payload length. */
export const PREFIX_BYTES = 8;

export interface SegmentHeader {
  readonly segmentId: string;
  readonly cameraId: string;
  readonly sceneId: string;
  readonly stamps: readonly FrameStamp[];
  readonly hasContext: boolean;
  readonly pixelBytes: number;
}

export interface ScoreRequest {
  readonly kind: 'score';
  readonly batchId: number;
  readonly segments: readonly SegmentHeader[];
}

export type OutcomeHeader =
  | {
      readonly kind: 'scored';
      readonly side: number;
      readonly mapBytes: number;
      readonly modelVersion: string;
      readonly threshold: number;
    }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly detail: string };

export type ScorerReply =
  | { readonly kind: 'ready'; readonly engine: string }
  /** Instead of `ready`: it can't score, and ends. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  /** Some time after `ready`. */
  | ({ readonly kind: 'calibrated' } & Calibration)
  | {
      readonly kind: 'scores';
      readonly batchId: number;
      readonly outcomes: readonly OutcomeHeader[];
      /** Time the batch took in the scorer. */
      readonly seconds: number;
      /** What the scorer has to tell the daemon's metrics. */
      readonly samples: readonly MetricSample[];
    };

export const encodeHeader = (header: object, payloadBytes: number): Buffer => {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const message = Buffer.allocUnsafe(PREFIX_BYTES + json.length);
  message.writeUInt32LE(json.length, 0);
  message.writeUInt32LE(payloadBytes, 4);
  json.copy(message, PREFIX_BYTES);
  return message;
};
