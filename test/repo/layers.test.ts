// Imports run one way: this table is the architecture, and a file that breaks it fails here.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', '..', 'src');

/** folder -> the folders it may import from (itself always). */
const LAYERS: Record<string, readonly string[]> = {
  core: [],
  padim: ['core'],
  motion: ['core'],
  metrics: ['core'],
  report: ['core'],
  rivals: ['core', 'padim', 'metrics', 'tfjs'],
  pipeline: ['core', 'padim'],
  capture: ['core'],
  datasets: ['core'],
  engine: ['core', 'tfjs'],
  events: ['core'],
  tfjs: ['core'],
  queue: ['core'],
  store: ['core'],
  server: ['core'],
  telemetry: ['core'],
  config: ['core'],
  worker: ['core', 'padim'],
  fitting: ['core', 'padim', 'pipeline'],
  evaluation: ['core', 'padim', 'metrics', 'fitting', 'pipeline', 'datasets', 'rivals'],
  app: [
    'core',
    'padim',
    'motion',
    'metrics',
    'report',
    'pipeline',
    'capture',
    'datasets',
    'engine',
    'events',
    'queue',
    'store',
    'server',
    'telemetry',
    'config',
    'worker',
    'fitting',
    'evaluation',
    'rivals',
    'tfjs',
  ],
  cli: ['app', 'config', 'core'],
  main: ['cli'],
};

/** package -> the only folders that may name it. */
const PACKAGES: Record<string, readonly string[]> = {
  bullmq: ['queue'],
  commander: ['cli'],
  ioredis: ['queue'],
  'onnxruntime-node': ['engine'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  'ml-matrix': ['padim'],
  sharp: ['server', 'datasets'],
  ws: ['server'],
  yaml: ['config'],
  zod: ['config', 'events', 'server', 'worker'],
  'node:child_process': ['capture', 'worker'],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const sourceFiles = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('motion/wasm/'))
  .map((name) => join(SRC, name));

const imports: readonly Import[] = sourceFiles.flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map(
    (match) => ({
      from,
      specifier: match[1] ?? match[2] ?? '',
    }),
  ),
);

const layerOf = (path: string): string => {
  const [first = ''] = relative(SRC, path).split('/');
  return first === 'main.ts' ? 'main' : first;
};

const place = (one: Import): string => `${relative(SRC, one.from)} -> ${one.specifier}`;

describe('layers', () => {
  test('every folder is in the table', () => {
    expect([...new Set(sourceFiles.map(layerOf))].filter((layer) => !(layer in LAYERS))).toEqual(
      [],
    );
  });

  test('no folder imports from one that it may not', () => {
    const wrong = imports.filter((one) => {
      if (!one.specifier.startsWith('.')) return false;
      const from = layerOf(one.from);
      const to = layerOf(resolve(dirname(one.from), one.specifier));
      return from !== to && !(LAYERS[from] ?? []).includes(to);
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test('a package is imported only where it is wrapped', () => {
    const wrong = imports.filter((one) => {
      const owners =
        PACKAGES[
          one.specifier.startsWith('node:') ? one.specifier : (one.specifier.split('/')[0] ?? '')
        ];
      if (owners !== undefined) return !owners.includes(layerOf(one.from));
      return !one.specifier.startsWith('.') && !one.specifier.startsWith('node:');
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test('imports have no cycles', () => {
    const edges = new Map<string, string[]>();
    for (const one of imports) {
      if (!one.specifier.startsWith('.')) continue;
      const to = resolve(dirname(one.from), one.specifier);
      edges.set(one.from, [...(edges.get(one.from) ?? []), to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push(
          [...path.slice(path.indexOf(file)), file].map((at) => relative(SRC, at)).join(' -> '),
        );
        return;
      }
      if (done.has(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of sourceFiles) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test('no source file is longer than 300 lines', () => {
    const long = sourceFiles.filter((file) => readFileSync(file, 'utf8').split('\n').length > 301);
    expect(long.map((file) => relative(SRC, file))).toEqual([]);
  });
});
