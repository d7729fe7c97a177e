// Schemas of what entries of several kinds have in common.
import { z } from 'zod';

import { MAX_RUNS, RUN_SEQUENCES } from '../core/frame.ts';
import { cameraId, ID_PATTERN, sceneId } from '../core/ids.ts';

export const cameraField = z.string().regex(ID_PATTERN, 'not a camera id').transform(cameraId);
export const sceneField = z.string().regex(ID_PATTERN, 'not a scene id').transform(sceneId);

export const countField = z.int().min(0);
export const sequenceField = countField.max(MAX_RUNS * RUN_SEQUENCES - 1);

/** JSON has no undefined: what is missing or null is. */
export const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

/** Items of a list that is too long are not looked at: each could be wrong, and would be told of. */
export const listField = <Schema extends z.ZodType>(item: Schema, most: number) =>
  z.array(z.unknown()).max(most).pipe(z.array(item));

export const stampField = z
  .object({
    sequence: sequenceField,
    capturedAtMs: z.number(),
    mediaTimeMs: z.number(),
    steadyMs: maybe(z.number()),
  })
  .transform(({ steadyMs, ...stamp }) => (steadyMs === undefined ? stamp : { ...stamp, steadyMs }));
