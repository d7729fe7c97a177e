// Reads what others wrote where this process looks: an entry is what its schema says, or is refused with the name
// of the first field that is not.
import { z } from 'zod';

/** What is wrong with an entry; the message names the field. */
export class EntryError extends Error {
  override readonly name = 'EntryError';
}

/**
 * @param name of the entry, for the message
 * @throws EntryError
 */
export const parseEntry = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  name: string,
): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = z.core.toDotPath([name, ...(issue?.path ?? [])]);
  throw new EntryError(`${field}: ${issue?.message ?? 'not valid'}`);
};

/** @throws EntryError */
export const parseJsonEntry = <Schema extends z.ZodType>(
  schema: Schema,
  text: Buffer,
  name: string,
): z.output<Schema> => {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    throw new EntryError(`${name} is not JSON`);
  }
  return parseEntry(schema, value, name);
};
