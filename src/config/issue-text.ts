// Turns what the schema found into sentences: the value as written, what is allowed, and which name was
// probably meant.
import type { z } from 'zod';

import { ALERT_SHAPE, CAMERA_SHAPE } from './camera-schema.ts';
import { configSchema } from './config-schema.ts';
import { ID_ALLOWED } from './fields.ts';
import { nearestName } from './nearest-name.ts';
import { printableKey, printableValue } from './printable-value.ts';
import { pathText, type Path } from './problem.ts';

export interface IssueProblem {
  readonly path: Path;
  /** Whether the key is wrong, or its value. */
  readonly at: 'key' | 'value';
  readonly text: string;
}

export interface IssueContext {
  /** The settings as the schema saw them. */
  readonly settings: unknown;
  readonly writtenByPath: ReadonlyMap<string, string>;
  readonly keysAllowedAt: (path: Path) => readonly string[];
}

/** Where a known setting belongs that was written in the wrong place. */
const homes = (): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [name, schema] of Object.entries(configSchema.shape)) {
    const inner = 'innerType' in schema.def ? (schema.def.innerType as z.ZodType) : schema;
    found.set(name, `${name}, at the top level`);
    if (!('shape' in inner) || name === 'defaults') continue;
    for (const key of Object.keys(inner.shape as object)) found.set(key, `${name}.${key}`);
  }
  for (const key of Object.keys(ALERT_SHAPE))
    found.set(key, `alert.${key} under defaults or a camera`);
  for (const key of Object.keys(CAMERA_SHAPE)) found.set(key, `${key} under defaults or a camera`);
  return found;
};

const unknownKey = (path: Path, key: string, allowed: readonly string[]): string => {
  const nearest = nearestName(key, allowed);
  const home = nearest === undefined ? homes().get(key) : undefined;
  const meant = nearest ?? home;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `${printableKey(pathText([...path, key]))}: unknown key${hint || `; allowed: ${allowed.join(', ')}`}`;
};

export const valueAt = (settings: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key)
        ? (parent as Record<string | number, unknown>)[key]
        : undefined,
    settings,
  );

export const issueProblems = (issue: z.core.$ZodIssue, context: IssueContext): IssueProblem[] => {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const allowed = context.keysAllowedAt(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: 'key',
      text: unknownKey(path, key, allowed),
    }));
  }
  if (issue.code === 'invalid_key') {
    const key = printableKey(String(path.at(-1)));
    const place = pathText(path.slice(0, -1));
    return [
      {
        path,
        at: 'key',
        text: `${place}: id ${JSON.stringify(key)} is not allowed; allowed: ${ID_ALLOWED}`,
      },
    ];
  }
  const value = valueAt(context.settings, path);
  const written = context.writtenByPath.get(pathText(path));
  const place = path.length === 0 ? '' : `${pathText(path)}: `;
  const shown = printableValue({ value, path, written });
  return [
    { path, at: 'value', text: `${place}value ${shown} is not allowed; allowed: ${issue.message}` },
  ];
};
