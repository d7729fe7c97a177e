// Events as they are written down: parsed by schema when they are read back, never trusted.
import { z } from 'zod';

import { ALERT_KINDS, CUES } from '../core/alert.ts';
import { SCENE_CHANGES, VIEW_VERDICTS, type Event, type LoggedEvent } from '../core/event.ts';
import { CAMERA_STATES } from '../core/ports/live-state.ts';
import { cameraField, maybe, sceneField } from '../entries/fields.ts';

const MAX_TEXT = 2_000;

const text = z.string().max(MAX_TEXT);
const timeMs = z.number().min(0);
const fraction = z.number().min(0).max(1);

const facts = { id: z.string().min(1).max(200), cameraId: cameraField, atMs: timeMs };

const alert = z.object({
  ...facts,
  kind: z.enum(ALERT_KINDS),
  // What was written before there were several tells none.
  cue: z.enum(CUES).default('appearance'),
  phase: z.enum(['open', 'update', 'close']),
  sceneId: sceneField,
  startedAtMs: timeMs,
  sequence: z.int().min(0),
  mediaTimeMs: z.number(),
  score: z.number(),
  peakScore: z.number(),
  threshold: z.number(),
  peak: z.object({ x: fraction, y: fraction }),
  region: z.object({ x: fraction, y: fraction, width: fraction, height: fraction }),
});

const view = z.object({
  ...facts,
  kind: z.literal('view'),
  phase: z.enum(['open', 'close']),
  verdict: z.enum(VIEW_VERDICTS),
  reason: text,
});

const cameraEvent = z.object({
  ...facts,
  kind: z.literal('camera'),
  state: z.enum(CAMERA_STATES).exclude(['connecting']),
  reason: maybe(text),
});

const sceneEvent = z.object({
  ...facts,
  kind: z.literal('scene'),
  sceneId: sceneField,
  change: z.enum(SCENE_CHANGES),
  modelVersion: maybe(text),
  reason: maybe(text),
});

export const eventSchema: z.ZodType<Event> = z.discriminatedUnion('kind', [
  alert,
  view,
  cameraEvent,
  sceneEvent,
]);

const loggedSchema = z.object({ cursor: z.int().min(0), event: eventSchema });

/** Undefined for text that is none. */
export const parseLoggedEvent = (text: string): LoggedEvent | undefined => {
  try {
    return loggedSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
