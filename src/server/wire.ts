// The messages of the WebSocket (docs/ref/wire.md is the contract).
import { z } from 'zod';

import type { Alert } from '../core/alert.ts';
import type { CameraStats, CameraStatus } from '../core/ports/live-state.ts';

export const SUBPROTOCOL = 'patchwatch.v1';
export const PROTOCOL_VERSION = 1;

export const TOPICS = ['alert', 'camera', 'stats', 'map'] as const;
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

export const identifySchema = z.strictObject({
  kind: z.literal('identify'),
  protocol: z.int(),
  token: z.string().max(512).optional(),
  topics: z.array(z.enum(TOPICS)).max(TOPICS.length).default(['alert', 'camera']),
  cameras: z.array(z.string().max(63)).max(10_000).optional(),
  resume: z.strictObject({ cursor: z.int().min(0) }).optional(),
});
export type Identify = z.output<typeof identifySchema>;

/** Before `seq` is added, which counts the messages of a connection. */
export type ServerMessage =
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      readonly version: string;
      readonly auth: boolean;
      readonly cameras: readonly string[];
      readonly heartbeatMs: number;
    }
  | {
      readonly kind: 'identified';
      /** Cursor of the last alert message; resuming from it replays what comes after. */
      readonly cursor: number;
      /** False when alerts after the given cursor are no longer kept, or the cursor is of another run. */
      readonly replayComplete: boolean;
    }
  | { readonly kind: 'alert'; readonly cursor: number; readonly alert: Alert }
  | ({ readonly kind: 'camera' } & CameraStatus)
  | ({ readonly kind: 'stats' } & CameraStats)
  | { readonly kind: 'dropped'; readonly topic: Topic; readonly count: number };
