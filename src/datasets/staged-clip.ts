// A clip with something put into real footage; what is normal there is learnt from footage of its base.
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

import { type ClipFields } from './clip-fields.ts';
import {
  VIEW_KINDS,
  type FootagePiece,
  type SceneClip,
  type SceneEvent,
  type ViewKind,
} from './scene-clip.ts';

interface Base {
  readonly pieces: readonly FootagePiece[];
  readonly framesPerSecond: number;
}

/** Bases that are known by name, beside the folder of the clips. */
const BASES: Readonly<Record<string, (beside: string) => Promise<Base>>> = {
  vtest: (beside) =>
    Promise.resolve({
      pieces: [{ path: join(beside, 'clips', 'vtest-640x480.mp4'), fromMs: 0, toMs: 28_800 }],
      framesPerSecond: 10,
    }),
  ped2: async (beside) => {
    const folder = join(beside, 'ped2', 'training', 'frames');
    const clips = (await readdir(folder)).sort().slice(0, 10);
    return {
      pieces: clips.map((clip) => ({ path: join(folder, clip), fromMs: 0, toMs: Infinity })),
      framesPerSecond: 10,
    };
  },
};

/** What is right to say of the view under a nuisance, which the name of its clip ends in. */
const VIEWS_UNDER: Readonly<Record<string, readonly ViewKind[]>> = {
  cover: ['covered', 'dark'],
  cover40: ['covered', 'dark'],
  whiteout: ['bright', 'covered'],
  frozen: ['frozen'],
  defocus: ['defocused'],
  shift5: ['moved'],
  shift15: ['moved'],
  rot2: ['moved'],
  loss: ['damaged'],
};

const FRAME_SPAN = /frames (\d+)-(\d+)/;

/** @throws PatchwatchError DATASET_INVALID */
export const stagedClip = async (folder: string, fields: ClipFields): Promise<SceneClip> => {
  const file = fields.text('file');
  const id = basename(file, extname(file));
  const framesPerSecond = fields.positive('framesPerSecond');
  const nuisance = id.startsWith('nuisance_') ? id.slice('nuisance_'.length) : undefined;
  const { pieces, framesPerSecond: learnFramesPerSecond } = await baseOf(folder, fields);
  return {
    id,
    group: nuisance === undefined ? 'staged' : 'nuisance',
    path: join(folder, file),
    framesPerSecond,
    learn: pieces,
    learnFramesPerSecond,
    watchFromMs: 0,
    durationMs: (fields.positive('frames') * 1_000) / framesPerSecond,
    isTimeLapse: false,
    events: nuisance === undefined ? [stagedEvent(fields)] : lawnEvent(fields),
    nuisance,
    views: viewsOf(fields) ?? VIEWS_UNDER[nuisance ?? ''] ?? [],
  };
};

/** `base` names one, perhaps with words after it; `learn` gives any file and its seconds. */
const baseOf = async (folder: string, fields: ClipFields): Promise<Base> => {
  const own = fields.optionalText('learn');
  if (own !== undefined) {
    const [from, to] = fields.span('learnSeconds');
    return {
      pieces: [{ path: join(folder, own), fromMs: from * 1_000, toMs: to * 1_000 }],
      framesPerSecond: fields.positive('framesPerSecond'),
    };
  }
  const [name = ''] = fields.text('base').split(' ');
  const base = BASES[name];
  if (base !== undefined) return base(join(folder, '..'));
  throw fields.invalid(
    `names the base "${name}"; known are ${Object.keys(BASES).join(', ')}, or give "learn" and "learnSeconds"`,
  );
};

const stagedEvent = (fields: ClipFields): SceneEvent => {
  const [first, last] = fields.span('event');
  const kind = fields.text('kind');
  const event = eventOf(fields, { kind, words: kind, first, last });
  // Who walks is soon elsewhere than where the box was drawn.
  return kind === 'intruder' ? { ...event, box: undefined } : event;
};

/** People on the lawn, which must be found in spite of the nuisance. */
const lawnEvent = (fields: ClipFields): readonly SceneEvent[] => {
  const [words, first, last] = FRAME_SPAN.exec(fields.optionalText('lawn') ?? '') ?? [];
  if (words === undefined) return [];
  return [
    eventOf(fields, {
      kind: 'lawn',
      words: 'people on the lawn',
      first: Number(first),
      last: Number(last),
    }),
  ];
};

const eventOf = (
  fields: ClipFields,
  { kind, words, first, last }: { kind: string; words: string; first: number; last: number },
): SceneEvent => {
  const stepMs = 1_000 / fields.positive('framesPerSecond');
  return { kind, words, fromMs: first * stepMs, toMs: (last + 1) * stepMs, box: fields.box('box') };
};

const viewsOf = (fields: ClipFields): readonly ViewKind[] | undefined => {
  const listed = fields.field('views');
  if (listed === undefined) return undefined;
  const views = VIEW_KINDS.filter((view) => Array.isArray(listed) && listed.includes(view));
  if (Array.isArray(listed) && views.length === listed.length) return views;
  throw fields.invalid(`has "views" that are no list of ${VIEW_KINDS.join(', ')}`);
};
