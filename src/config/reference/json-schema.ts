// The configuration's JSON Schema (draft 7), from which editors complete and check. Looser than the loader
// in one respect: where a number, a switch or a choice is expected, `${NAME}` may stand too.
import { z } from 'zod';

import { configSchema } from '../config-schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const PLACEHOLDER = { type: 'string', pattern: String.raw`^\$\{.+\}$` } as const;

/** With `allowed` (words for the reference) on every setting; nothing added for editors. */
export const plainJsonSchema = (): JsonSchema =>
  z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });

const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length === 0;

const orPlaceholder = (schema: JsonSchema): JsonSchema => {
  if (schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean') {
    return {
      ...schema,
      type: [schema.type, 'string'],
      pattern: PLACEHOLDER.pattern,
    } as unknown as JsonSchema;
  }
  const { type, enum: values, pattern, ...rest } = schema;
  const isOpen =
    values === undefined && (pattern === undefined || new RegExp(pattern).test('${NAME}'));
  if (type === 'string' && !isOpen) {
    const own = {
      type,
      ...(values && { enum: values }),
      ...(pattern !== undefined && { pattern }),
    };
    return { ...rest, anyOf: [own, PLACEHOLDER] };
  }
  return schema.anyOf === undefined ? schema : { ...schema, anyOf: [...schema.anyOf, PLACEHOLDER] };
};

const mapValues = (schemas: JsonSchema['properties']): JsonSchema['properties'] =>
  schemas &&
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, forEditors(schema)]));

const forEditors = (schema: z.core.JSONSchema._JSONSchema): z.core.JSONSchema._JSONSchema => {
  if (typeof schema === 'boolean') return schema;
  const kept = Object.fromEntries(
    Object.entries(schema).filter(
      ([key, value]) => key !== 'allowed' && !(key === 'default' && isEmptyMap(value)),
    ),
  ) as JsonSchema;
  // A map whose lines are all commented out is null to YAML.
  if (kept.type === 'object') {
    const { properties, additionalProperties } = kept;
    return {
      ...kept,
      type: ['object', 'null'],
      ...(properties && { properties: mapValues(properties) }),
      ...(additionalProperties !== undefined && {
        additionalProperties: forEditors(additionalProperties),
      }),
    } as unknown as JsonSchema;
  }
  return orPlaceholder(kept);
};

/** What `config/schema.json` holds. */
export const editorJsonSchema = (): JsonSchema => {
  const schema = forEditors(plainJsonSchema()) as JsonSchema;
  const cameras = schema.properties?.['cameras'];
  const camera = typeof cameras === 'object' ? cameras.additionalProperties : undefined;
  if (typeof camera === 'object') {
    Object.assign(camera, {
      type: 'object',
      oneOf: [{ required: ['url'] }, { required: ['urlFile'] }],
    });
  }
  return { ...schema, title: 'Patchwatch', type: 'object', required: ['cameras'] };
};
