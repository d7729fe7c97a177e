// What is kept of a camera's view over restarts.
import { z } from 'zod';

import { VIEW_VERDICTS } from '../core/event.ts';
import { maybe, stampField } from '../entries/fields.ts';
import type { ViewReaderState } from './view-reader.ts';

const LONGEST_ID = 256;
/** Seconds of readings, one a frame at most. */
const MOST_READINGS = 1_000;

const verdict = z.enum(VIEW_VERDICTS);

const judge = z.object({
  clockMs: z.number(),
  last: maybe(stampField),
  open: maybe(verdict),
  suspect: maybe(z.object({ sinceMs: z.number(), verdict, verdictMs: z.number() })),
  confirmedMs: z.number(),
  isDoubtful: z.boolean(),
  stillSinceMs: maybe(z.number()),
  placements: z
    .array(
      z.object({
        ...{ atMs: z.number(), x: z.number(), y: z.number() },
        ...{ turn: z.number(), zoom: z.number() },
      }),
    )
    .max(MOST_READINGS),
  damagedMs: z.array(z.number()).max(MOST_READINGS),
  habitLost: z.number(),
  habitSharpness: z.number(),
});

export const viewStateSchema: z.ZodType<ViewReaderState> = z.object({
  judge,
  openId: maybe(z.string().max(LONGEST_ID)),
  closed: maybe(stampField),
});
