// A clip as a camera gave it: learnt from its own normal part, watched from there on.
import { basename, extname, join } from 'node:path';

import { type ClipFields, isSpan } from './clip-fields.ts';
import type { SceneClip, SceneEvent, ViewKind } from './scene-clip.ts';

/** Of a clip in which nothing happens: this share is learnt, the rest watched. */
const LEARNT_SHARE = 0.6;

/** What an event's words say of the camera itself. */
const VIEW_WORDS: readonly (readonly [RegExp, ViewKind])[] = [
  [/camera (?:is |was )?(?:moved|panned|pushed|turned|grabbed)/i, 'moved'],
  [/covers (?:it|the camera|the lens)/i, 'covered'],
];

/** Or `timeLapse` says so. */
const TIME_LAPSE_WORDS = /time-?lapse|day\/night cycles/i;

interface ListedEvent {
  readonly first: number;
  readonly last: number;
  readonly words: string;
}

/** @throws PatchwatchError DATASET_INVALID */
export const realClip = (folder: string, fields: ClipFields): SceneClip => {
  const file = fields.text('file');
  const framesPerSecond = fields.positive('framesPerSecond');
  const msOf = (frame: number): number => (frame * 1_000) / framesPerSecond;
  const path = join(folder, file);
  const listed = eventsOf(fields);
  const normal = normalOf(fields, listed);
  const events = listed.map(({ first, last, words }): SceneEvent => {
    const isOfView = VIEW_WORDS.some(([pattern]) => pattern.test(words));
    return {
      kind: isOfView ? 'view' : 'real',
      words,
      fromMs: msOf(first),
      toMs: msOf(last + 1),
      box: undefined,
    };
  });
  const learntTo = normal === undefined ? 0 : msOf(normal[1] + 1);
  return {
    id: basename(file, extname(file)),
    group: 'real',
    path,
    framesPerSecond,
    learn: normal === undefined ? [] : [{ path, fromMs: msOf(normal[0]), toMs: learntTo }],
    learnFramesPerSecond: framesPerSecond,
    watchFromMs: learntTo,
    durationMs: msOf(fields.positive('frames')),
    isTimeLapse: isTimeLapse(fields, file),
    events,
    nuisance: fields.optionalText('nuisance'),
    views: VIEW_WORDS.filter(([pattern]) => listed.some(({ words }) => pattern.test(words))).map(
      ([, view]) => view,
    ),
  };
};

const isTimeLapse = (fields: ClipFields, file: string): boolean =>
  fields.field('timeLapse') === true ||
  [file, fields.optionalText('nuisance'), fields.optionalText('note')].some(
    (words) => words !== undefined && TIME_LAPSE_WORDS.test(words),
  );

const eventsOf = (fields: ClipFields): readonly ListedEvent[] => {
  const listed = fields.field('events');
  if (!Array.isArray(listed)) throw fields.invalid('lacks "events", a list');
  return (listed as readonly unknown[]).map((event) => {
    const parts: readonly unknown[] = Array.isArray(event) ? event : [];
    const span = parts.slice(0, 2);
    const words = parts[2];
    if (!isSpan(span) || typeof words !== 'string') {
      throw fields.invalid('has an event that is not [first frame, last frame, words]');
    }
    return { first: span[0], last: span[1], words };
  });
};

/** Frames to learn: what is named normal, as far as it comes before all that happens. */
const normalOf = (
  fields: ClipFields,
  events: readonly ListedEvent[],
): readonly [number, number] | undefined => {
  const listed = fields.field('normal');
  if (Array.isArray(listed) && listed.length === 0) return undefined;
  const [first, last] = fields.span('normal');
  if (events.length === 0) {
    return [first, first + Math.floor(LEARNT_SHARE * (last - first + 1)) - 1];
  }
  const before = Math.min(last, ...events.map((event) => event.first - 1));
  return before > first ? [first, before] : undefined;
};
