// The messages of the WebSocket (docs/ref/wire.md is the contract).
import type { RawData } from 'ws';
import { z } from 'zod';

import type { Alert } from '../core/alert.ts';
import type { ViewEvent } from '../core/event.ts';
import type { CameraStats, CameraStatus } from '../core/ports/live-state.ts';

export const SUBPROTOCOL = 'patchwatch.v1';
export const PROTOCOL_VERSION = 1;

export const TOPICS = ['alert', 'view', 'camera', 'stats', 'map'] as const;
export type Topic = (typeof TOPICS)[number];

/** Close codes; 4000–4999 are the application's own (RFC 6455, section 7.4.2). */
export const CLOSE = {
  badMessage: 4000,
  notIdentified: 4001,
  wrongToken: 4003,
  wrongProtocol: 4004,
  tooSlow: 4008,
  serverFull: 4013,
  goingAway: 1001,
} as const;

const MAX_REASON_BYTES = 123;

export const identifySchema = z.strictObject({
  kind: z.literal('identify'),
  protocol: z.int(),
  token: z.string().max(512).optional(),
  topics: z.array(z.enum(TOPICS)).max(TOPICS.length).default(['alert', 'camera']),
  cameras: z.array(z.string().max(63)).max(10_000).optional(),
  resume: z.strictObject({ cursor: z.int().min(0) }).optional(),
});
export type Identify = z.output<typeof identifySchema>;

/** What is wrong with the message where it is none, naming the field. */
export const parseIdentify = (data: RawData): Identify | string => {
  let value: unknown;
  try {
    value = JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    return 'identify was expected, as JSON';
  }
  const parsed = identifySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  return `identify${field === '' ? '' : `.${field}`}: ${issue?.message ?? 'not valid'}`;
};

/** A close frame's reason holds 123 bytes. */
export const closeReason = (text: string): string => {
  let reason = text.slice(0, MAX_REASON_BYTES);
  while (Buffer.byteLength(reason) > MAX_REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
};

/** Before `seq` is added, which counts the messages of a connection. */
export type ServerMessage =
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      readonly auth: boolean;
      readonly heartbeatMs: number;
      /** Not where a token is needed: then `identified` has them. */
      readonly version?: string;
      readonly cameras?: readonly string[];
    }
  | {
      readonly kind: 'identified';
      /** Cursor of the last alert message; resuming from it replays what comes after. */
      readonly cursor: number;
      /** False when alerts after the given cursor are no longer kept, or the cursor is of another run. */
      readonly replayComplete: boolean;
      readonly version: string;
      readonly cameras: readonly string[];
    }
  | { readonly kind: 'alert'; readonly cursor: number; readonly alert: Alert }
  | { readonly kind: 'view'; readonly cursor: number; readonly view: Omit<ViewEvent, 'kind'> }
  | ({ readonly kind: 'camera' } & CameraStatus)
  | ({ readonly kind: 'stats' } & CameraStats)
  | { readonly kind: 'dropped'; readonly topic: Topic; readonly count: number };
