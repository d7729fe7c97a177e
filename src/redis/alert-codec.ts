// Alert messages as the journal in Redis holds them.
import type { Alert } from '../core/alert.ts';
import { aCameraId, aSceneId, aSequence } from '../core/frame-shape.ts';
import { aPoint, aRegion } from '../core/place-shape.ts';
import { aCount, aNumber, aText, oneOf, parseJson, record, type Shape } from '../core/shape.ts';
import { aFormat } from './segment-codec.ts';

const LONGEST_ID = 256;
/** Cursors begin at a time in milliseconds and must be able to count on. */
const LAST_CURSOR = 2 ** 52;

export interface JournalAlert {
  readonly cursor: number;
  readonly alert: Alert;
}

const anAlert: Shape<Alert> = record({
  id: aText(LONGEST_ID),
  phase: oneOf(['open', 'update', 'close']),
  cameraId: aCameraId,
  sceneId: aSceneId,
  startedAtMs: aNumber,
  atMs: aNumber,
  sequence: aSequence,
  mediaTimeMs: aNumber,
  score: aNumber,
  peakScore: aNumber,
  threshold: aNumber,
  peak: aPoint,
  region: aRegion,
});

const aJournalAlert = record({ format: aFormat, cursor: aCount(LAST_CURSOR), alert: anAlert });

export const encodeAlert = ({ cursor, alert }: JournalAlert): string =>
  JSON.stringify({ format: 1, cursor, alert });

/** @throws ShapeError */
export const decodeAlert = (text: string): JournalAlert => {
  const { cursor, alert } = parseJson(text, aJournalAlert, 'alert');
  return { cursor, alert };
};
