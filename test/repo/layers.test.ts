// Imports run one way: this table is the architecture, and a file that breaks it fails here.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', '..', 'src');

/** folder -> the folders it may import from (itself always); from the bottom up. */
const LAYERS: Record<string, readonly string[]> = {
  core: [],
  entries: ['core'],
  process: ['core'],
  config: ['core', 'process'],
  padim: ['core'],
  motion: ['core', 'process'],
  stay: ['core', 'padim', 'motion'],
  view: ['core'],
  movement: ['core'],
  tfjs: ['core'],
  engine: ['core', 'process', 'tfjs'],
  rivals: ['core', 'padim', 'tfjs'],
  images: ['core'],
  report: ['core'],
  datasets: ['core', 'process', 'images'],
  capture: ['core'],
  store: ['core'],
  telemetry: ['core'],
  redis: ['core', 'process', 'entries'],
  queue: ['core', 'entries', 'redis'],
  reading: ['core', 'entries', 'config', 'view', 'movement'],
  events: ['core', 'entries', 'redis'],
  server: ['core', 'images'],
  fitting: ['core', 'padim', 'motion', 'stay', 'view', 'movement', 'reading'],
  evaluation: ['core', 'padim', 'images', 'datasets', 'reading', 'fitting', 'rivals'],
  ingest: ['core', 'config', 'capture', 'redis', 'motion', 'stay', 'view'],
  scoring: [
    ...['core', 'process', 'config', 'padim', 'motion', 'engine', 'store', 'telemetry', 'redis'],
    ...['stay', 'view', 'movement'],
  ],
  gateway: [
    ...['core', 'process', 'config', 'images', 'telemetry', 'redis', 'queue', 'reading', 'events'],
    'server',
  ],
  app: [
    ...['core', 'process', 'config', 'store', 'telemetry', 'redis', 'queue', 'reading', 'events'],
    ...['server', 'ingest', 'scoring', 'gateway', 'motion'],
  ],
  commands: [
    ...['core', 'process', 'config', 'padim', 'motion', 'engine', 'rivals', 'images', 'report'],
    ...['datasets', 'capture', 'store', 'telemetry', 'reading', 'fitting', 'evaluation', 'ingest'],
    ...['scoring', 'app', 'stay', 'view', 'movement'],
  ],
  cli: ['core', 'process', 'config', 'app', 'commands'],
  main: ['cli'],
};

/** Files on one level, beyond which a folder is more than one thing. */
const MAX_FILES = 25;

/** package -> the only folders that may name it. */
const PACKAGES: Record<string, readonly string[]> = {
  bullmq: ['queue'],
  commander: ['cli'],
  ioredis: ['redis'],
  'onnxruntime-node': ['engine'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  'ml-matrix': ['padim'],
  sharp: ['images'],
  ws: ['server'],
  yaml: ['config'],
  zod: ['config', 'entries', 'events', 'queue', 'reading', 'redis', 'scoring', 'server'],
  'node:child_process': ['capture', 'scoring'],
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

  test('no folder holds more files on one level than somebody looks through', () => {
    const counts = new Map<string, number>();
    for (const file of sourceFiles) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const full = [...counts].filter(([, count]) => count > MAX_FILES);
    expect(full.map(([folder, count]) => `${relative(SRC, folder)}: ${count}`)).toEqual([]);
  });

  test('the table is in order: every folder stands above what it imports from', () => {
    const order = Object.keys(LAYERS);
    const upward = Object.entries(LAYERS).flatMap(([from, to]) =>
      to
        .filter((one) => order.indexOf(one) >= order.indexOf(from))
        .map((one) => `${from} -> ${one}`),
    );
    expect(upward).toEqual([]);
  });
});
