// Reads what comes from outside the process field by field: a value has the shape that the types say, or is
// refused with the name of the field. Nothing is cast, nothing that was not asked for is passed on.

/** What is wrong with a value from outside; the message names the field. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** @throws ShapeError */
export type Shape<Value> = (value: unknown, name: string) => Value;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type ValuesOf<Of extends Fields> = { readonly [Name in keyof Of]: ReturnType<Of[Name]> };

const refuse = (name: string, expected: string): never => {
  throw new ShapeError(`${name} is not ${expected}`);
};

/** Finite. */
export const aNumber: Shape<number> = (value, name) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(name, 'a number');

/** Whole, from 0 to `most`. */
export const aCount =
  (most: number = Number.MAX_SAFE_INTEGER): Shape<number> =>
  (value, name) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
      ? value
      : refuse(name, `a whole number from 0 to ${most}`);

export const aFlag: Shape<boolean> = (value, name) =>
  typeof value === 'boolean' ? value : refuse(name, 'true or false');

export const aText =
  (most: number): Shape<string> =>
  (value, name) =>
    typeof value === 'string' && value.length <= most
      ? value
      : refuse(name, `a text of at most ${most} characters`);

export const oneOf =
  <const Value extends string>(values: readonly Value[]): Shape<Value> =>
  (value, name) =>
    values.find((allowed) => allowed === value) ?? refuse(name, `one of ${values.join(', ')}`);

export const listOf =
  <Item>(item: Shape<Item>, most: number): Shape<readonly Item[]> =>
  (value, name) =>
    Array.isArray(value) && value.length <= most
      ? value.map((one, index) => item(one, `${name}[${index}]`))
      : refuse(name, `a list of at most ${most}`);

/** JSON has no undefined: what is missing or null is. */
export const optional =
  <Value>(shape: Shape<Value>): Shape<Value | undefined> =>
  (value, name) =>
    value === undefined || value === null ? undefined : shape(value, name);

/** The fields that are named, and no others. */
export const record =
  <Of extends Fields>(fields: Of): Shape<ValuesOf<Of>> =>
  (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(name, 'an object');
    const given = new Map<string, unknown>(Object.entries(value));
    const read = Object.entries(fields).map(
      ([field, shape]) => [field, shape(given.get(field), `${name}.${field}`)] as const,
    );
    return Object.fromEntries(read) as ValuesOf<Of>;
  };

/** @throws ShapeError */
export const parseJson = <Value>(
  text: string | Uint8Array,
  shape: Shape<Value>,
  name: string,
): Value => {
  const json = typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse(name, 'JSON');
  }
  return shape(value, name);
};
