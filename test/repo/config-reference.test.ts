// The shipped configuration files, the JSON Schema and the reference say the same as the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { configSchema } from '../../src/config/config-schema.ts';
import {
  editorJsonSchema,
  plainJsonSchema,
  type JsonSchema,
} from '../../src/config/reference/json-schema.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { referenceMarkdown } from '../../src/config/reference/reference-markdown.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const text = (...names: string[]): string => readFileSync(join(ROOT, ...names), 'utf8');

const settingNames = (schema: JsonSchema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    key,
    ...(typeof value === 'object' ? settingNames(value) : []),
  ]);

test('default.yaml equals the defaults of the code', () => {
  expect(parse(text('config', 'default.yaml'))).toEqual(configSchema.parse({}));
});

test('default.yaml names every setting, those without a default too', () => {
  const shipped = text('config', 'default.yaml');
  const missing = settingNames(plainJsonSchema()).filter(
    (name) => !new RegExp(`^[ #]*${name}:`, 'm').test(shipped),
  );
  expect(missing).toEqual([]);
});

test('all that default.yaml lacks is a camera', async () => {
  await expect(loadConfig(join(ROOT, 'config', 'default.yaml'), {})).rejects.toThrow(
    /^[^\n]*default\.yaml:\d+:\d+: cameras: no camera; [^\n]*$/,
  );
});

test('example.yaml loads, given its passwords', async () => {
  const config = await loadConfig(join(ROOT, 'config', 'example.yaml'), {
    GATE_PASSWORD: 'one',
    WORKSHOP_PASSWORD: 'two',
  });
  expect(
    config.cameras.map(({ id, scenes }) => [id, scenes.map((scene) => scene.sceneId)]),
  ).toEqual([
    ['gate', ['day', 'night']],
    ['workshop', ['closed', 'open']],
  ]);
  expect(config.warnings).toEqual([]);
});

test.each(['default.yaml', 'example.yaml'])('%s names its schema for editors', (name) => {
  expect(text('config', name).split('\n')[0]).toBe('# yaml-language-server: $schema=./schema.json');
});

test('schema.json and the reference are fresh (npm run build && npm run gen)', () => {
  expect(text('config', 'schema.json')).toBe(`${JSON.stringify(editorJsonSchema(), null, 2)}\n`);
  expect(text('docs', 'ref', 'config.md')).toBe(referenceMarkdown());
});
