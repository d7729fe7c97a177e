// Holds settings against the schema and gives back both: every problem, and settings that are whole, with
// whatever was wrong replaced by its default, so that the checks that come after can be made in the same go.
import type { z } from 'zod';

import { configSchema, type ConfigDocument } from './config-schema.ts';
import { issueProblems, valueAt, type IssueProblem } from './issue-text.ts';
import { pathText, type Path } from './problem.ts';

export interface Checked {
  readonly document: ConfigDocument;
  readonly problems: readonly IssueProblem[];
}

type Issue = z.core.$ZodIssue;
type Holder = Record<string | number, unknown>;

/** Wrong values are cut out and the rest is checked again; each round cuts at least one. */
const MAX_ROUNDS = 1_000;

/** Schema of what stands at the path; ids of cameras and scenes lead to their one schema. */
const schemaAt = (path: Path): unknown =>
  path.reduce<unknown>((schema, key) => {
    const inner = unwrapped(schema);
    if (inner?.def?.valueType !== undefined) return inner.def.valueType;
    return inner?.shape?.[key];
  }, configSchema);

interface SchemaParts {
  readonly def?: { readonly innerType?: unknown; readonly valueType?: unknown };
  readonly shape?: Readonly<Record<string | number, unknown>>;
}

const unwrapped = (schema: unknown): SchemaParts | undefined => {
  const parts = schema as SchemaParts | undefined;
  return parts?.def?.innerType === undefined ? parts : unwrapped(parts.def.innerType);
};

const keysAllowedAt = (path: Path): string[] => Object.keys(unwrapped(schemaAt(path))?.shape ?? {});

const holderOf = (settings: unknown, path: Path): Holder | undefined => {
  const holder = valueAt(settings, path.slice(0, -1));
  return typeof holder === 'object' && holder !== null ? (holder as Holder) : undefined;
};

/** A variable is always text; where a number or a switch is wanted, its text is read as one. */
const fromText = (text: string): unknown => {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
};

/** `alert:` with everything below commented out is an empty map; `${PORT}` is a number. True if mended. */
const mend = (settings: unknown, issue: Issue, fromEnv: (path: Path) => boolean): boolean => {
  const path = issue.path as Path;
  const key = path.at(-1);
  const holder = holderOf(settings, path);
  if (holder === undefined || key === undefined) return false;
  const value = holder[key];
  if (issue.code === 'invalid_type' && value === null) {
    const isMap = issue.expected === 'object' || issue.expected === 'record';
    if (isMap) holder[key] = {};
    return isMap;
  }
  const converted = typeof value === 'string' && fromEnv(path) ? fromText(value) : undefined;
  if (converted !== undefined) holder[key] = converted;
  return converted !== undefined;
};

/** Removes the wrong value, or the whole list that it is in. */
const cut = (settings: unknown, path: Path): void => {
  const lastName = path.findLastIndex((key) => typeof key === 'string');
  const inMap = path.slice(0, lastName + 1);
  const key = inMap.at(-1);
  const holder = holderOf(settings, inMap);
  if (holder !== undefined && key !== undefined) Reflect.deleteProperty(holder, key);
};

/** `settings` are changed. They must be a plain tree without shared parts. */
export const checkSchema = (
  settings: object,
  writtenByPath: ReadonlyMap<string, string>,
): Checked => {
  const problems: IssueProblem[] = [];
  const fromEnv = (path: Path): boolean => writtenByPath.has(pathText(path));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const result = configSchema.safeParse(settings);
    if (result.success) return { document: result.data, problems };
    const left = result.error.issues.filter((issue) => !mend(settings, issue, fromEnv));
    if (left.length < result.error.issues.length) continue;
    const found = left.flatMap((issue) =>
      issueProblems(issue, { settings, writtenByPath, keysAllowedAt }),
    );
    problems.push(...found);
    for (const { path } of found) cut(settings, path);
  }
  return { document: configSchema.parse({}), problems };
};
