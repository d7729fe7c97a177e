// Builders of single settings. What is allowed is said once per setting, in words: it is the schema's
// error message, the editor's hint and the reference's column at the same time.
import { z } from 'zod';

import { ID_PATTERN } from '../core/ids.ts';
import { DURATION_PATTERN, durationMs, parseDuration } from './duration.ts';
import { SIZE_PATTERN, parseSize, sizeBytes } from './size.ts';

/** The schema with its words attached; `allowed` must also be the `error` of every check within. */
export const described = <Schema extends z.ZodType>(
  schema: Schema,
  allowed: string,
  description: string,
): Schema => schema.meta({ description, allowed });

export const choice = <const Values extends readonly [string, ...string[]]>(
  values: Values,
  description: string,
) => {
  const allowed = values.join(', ');
  return described(z.enum(values, { error: allowed }), allowed, description);
};

export const flag = (description: string) =>
  described(z.boolean({ error: 'true, false' }), 'true, false', description);

interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const number = ({ min, max }: Bounds, description: string) => {
  const error = `a number from ${min} to ${max}`;
  return described(z.number({ error }).min(min, { error }).max(max, { error }), error, description);
};

export const wholeNumber = ({ min, max }: Bounds, description: string) => {
  const error = `a whole number from ${min} to ${max}`;
  return described(z.int({ error }).min(min, { error }).max(max, { error }), error, description);
};

export const text = (pattern: RegExp, allowed: string, description: string) =>
  described(z.string({ error: allowed }).regex(pattern, { error: allowed }), allowed, description);

export const duration = (min: string, max: string, description: string) => {
  const error = `a duration from ${min} to ${max}, such as 500ms, 10s, 2m or 1h`;
  const isWithin = (value: string): boolean => {
    const parsed = parseDuration(value);
    return parsed !== undefined && parsed >= durationMs(min) && parsed <= durationMs(max);
  };
  const schema = z
    .string({ error })
    .regex(DURATION_PATTERN, { error, abort: true })
    .refine(isWithin, { error });
  return described(schema, error, description);
};

export const size = (min: string, max: string, description: string) => {
  const error = `a size from ${min} to ${max}, such as 64MB or 1.5GB`;
  const isWithin = (value: string): boolean => {
    const parsed = parseSize(value);
    return parsed !== undefined && parsed >= sizeBytes(min) && parsed <= sizeBytes(max);
  };
  const schema = z
    .string({ error })
    .regex(SIZE_PATTERN, { error, abort: true })
    .refine(isWithin, { error });
  return described(schema, error, description);
};

/** A map from ids to settings. */
export const byId = <Schema extends z.ZodType>(
  value: Schema,
  allowed: string,
  description: string,
) =>
  described(
    z.record(z.string().regex(ID_PATTERN, { error: ID_ALLOWED }), value, { error: allowed }),
    allowed,
    description,
  );

export const ID_ALLOWED = 'letters, digits, _ and -, beginning with a letter or digit, at most 63';

export const section = <Shape extends z.ZodRawShape>(shape: Shape, description: string) => {
  const allowed = `a map with ${Object.keys(shape).join(', ')}`;
  return described(z.strictObject(shape, { error: allowed }), allowed, description);
};

/** Settings that all have a default. */
export type Defaulted = Readonly<Record<string, z.ZodDefault<z.ZodType>>>;

export type Overrides<Shape extends Defaulted> = {
  [Key in keyof Shape]: Shape[Key] extends z.ZodDefault<infer Inner extends z.ZodType>
    ? z.ZodExactOptional<Inner>
    : never;
};

/** The same settings, none required and none filled in, to lay over the defaults. */
export const overrides = <Shape extends Defaulted>(shape: Shape): Overrides<Shape> =>
  Object.fromEntries(
    Object.entries(shape).map(([key, schema]) => [key, schema.unwrap().exactOptional()]),
  ) as unknown as Overrides<Shape>;
