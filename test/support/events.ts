// Made-up events, and steps of them.
import type { Alert } from '../../src/core/alert.ts';
import type { Event } from '../../src/core/event.ts';
import { cameraId, sceneId } from '../../src/core/ids.ts';
import type { LogStep } from '../../src/core/ports/event-log.ts';

export const anomaly = (id: string, changes: Partial<Alert> = {}): Alert => ({
  kind: 'anomaly',
  cue: 'appearance',
  id,
  phase: 'open',
  cameraId: cameraId('gate'),
  sceneId: sceneId('default'),
  startedAtMs: 1_767_225_600_000,
  atMs: 1_767_225_600_500,
  sequence: 259,
  mediaTimeMs: 51_800,
  score: 41.3,
  peakScore: 43.2,
  threshold: 36.5,
  peak: { x: 0.45, y: 0.8 },
  region: { x: 0.41, y: 0.69, width: 0.09, height: 0.22 },
  ...changes,
});

export const stepOf = (events: readonly Event[], changes: Partial<LogStep> = {}): LogStep => ({
  events,
  states: new Map(),
  done: [],
  runCount: 0,
  ...changes,
});
