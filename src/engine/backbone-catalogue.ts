// The backbones that are installed, shipped or imported: what each is, and which graph file serves which cut and
// grid. A backbone is a folder of its name with `provenance.json` and the graphs that it speaks of.
import { readSmallFile } from '../process/read-small-file.ts';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { Precision } from '../core/engine-setting.ts';
import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import {
  BackboneRecordError,
  parseBackboneRecord,
  type BackboneRecord,
  type GraphRecord,
  type TfjsGraphRecord,
} from './backbone-record.ts';

/** Far more than any holds. */
const MAX_RECORD_BYTES = 1 * 1024 * 1024;

export const RECORD_FILE = 'provenance.json';

const AGAIN = 'install the package or import the backbone again';

/** What is read and compared with its checksum. */
export interface BackboneFile {
  readonly path: string;
  readonly file: string;
  readonly sha256: string;
}

export type BackboneGraph = GraphRecord & BackboneFile;

export interface TfjsGraph extends Omit<TfjsGraphRecord, 'weights'>, BackboneFile {
  readonly weights: TfjsGraphRecord['weights'] & BackboneFile;
}

export interface Backbone extends Omit<BackboneRecord, 'graphs' | 'tfjsGraphs'> {
  readonly folder: string;
  readonly graphs: readonly BackboneGraph[];
  readonly tfjsGraphs: readonly TfjsGraph[];
}

/** All files but the record. */
export const filesOf = ({ graphs, tfjsGraphs }: Backbone): readonly BackboneFile[] => [
  ...graphs,
  ...tfjsGraphs.flatMap((graph) => [graph, graph.weights]),
];

/** Folders without backbones count as empty; a name in two of them is that of the first. */
export const listBackbones = async (folders: readonly string[]): Promise<readonly string[]> => {
  const names = await Promise.all(folders.map(namesIn));
  return [...new Set(names.flat())].sort();
};

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // An interrupted import leaves a hidden folder behind.
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw new PatchwatchError(
      'STORAGE_FAILED',
      `can't read the backbone folder ${folder} (${systemErrorCode(error) ?? 'unknown error'}): check its permissions`,
      { cause: error },
    );
  }
};

/** @throws PatchwatchError BACKBONE_UNKNOWN, BACKBONE_CORRUPT */
export const readBackbone = async (folders: readonly string[], name: string): Promise<Backbone> => {
  for (const folder of folders) {
    if ((await namesIn(folder)).includes(name)) return readBackboneFolder(join(folder, name));
  }
  const installed = await listBackbones(folders);
  throw new PatchwatchError(
    'BACKBONE_UNKNOWN',
    `backbone "${name}" is not installed; installed: ${installed.join(', ')}`,
  );
};

/** @throws PatchwatchError BACKBONE_CORRUPT */
const readBackboneFolder = async (folder: string): Promise<Backbone> => {
  const path = join(folder, RECORD_FILE);
  try {
    const record = parseBackboneRecord(
      (await readSmallFile(path, MAX_RECORD_BYTES)).toString('utf8'),
    );
    if (record.name === basename(folder)) return backboneIn(folder, record);
    throw new BackboneRecordError(`its name is ${record.name}, that of its folder is not`);
  } catch (error) {
    const reason =
      error instanceof BackboneRecordError
        ? error.message
        : `it can't be read (${systemErrorCode(error) ?? 'unknown error'})`;
    throw new PatchwatchError(
      'BACKBONE_CORRUPT',
      `${path} does not describe a backbone: ${reason}; ${AGAIN}`,
      { cause: error },
    );
  }
};

export const backboneIn = (folder: string, record: BackboneRecord): Backbone => ({
  ...record,
  folder,
  graphs: record.graphs.map((graph) => ({ ...graph, path: join(folder, graph.file) })),
  tfjsGraphs: record.tfjsGraphs.map((graph) => ({
    ...graph,
    path: join(folder, graph.file),
    weights: { ...graph.weights, path: join(folder, graph.weights.file) },
  })),
});

export interface WantedGraph {
  readonly stageCount: number;
  /** Patches are a grid × grid raster. */
  readonly grid: number;
  /** Float where the backbone has that cut in no other precision. */
  readonly precision: Precision;
}

export const findGraph = (
  backbone: Backbone,
  { stageCount, grid, precision }: WantedGraph,
): BackboneGraph => {
  const cuts = backbone.graphs.filter(
    (candidate) => candidate.stageCount === stageCount && candidate.grid === grid,
  );
  const graph =
    cuts.find((candidate) => candidate.precision === precision) ??
    cuts.find((candidate) => candidate.precision === 'float32');
  if (graph !== undefined) return graph;
  const offered = backbone.graphs.map((other) => `${other.stageCount} stages on ${other.grid}`);
  throw new PatchwatchError(
    'BACKBONE_UNKNOWN',
    `backbone "${backbone.name}" has no graph with ${stageCount} stages on a grid of ${grid}; it has: ${offered.join(', ')}`,
  );
};

/** The same of the models for TensorFlow.js. */
export const findTfjsGraph = (backbone: Backbone, stageCount: number, grid: number): TfjsGraph => {
  findGraph(backbone, { stageCount, grid, precision: 'float32' });
  const graph = backbone.tfjsGraphs.find(
    (candidate) => candidate.stageCount === stageCount && candidate.grid === grid,
  );
  if (graph !== undefined) return graph;
  throw new PatchwatchError(
    'BACKBONE_UNKNOWN',
    `backbone "${backbone.name}" has no model for TensorFlow.js: export it again with tools/export_backbone.py and import it, or use the engine onnx`,
  );
};

/** Reads a graph and proves that it is the file the provenance speaks of. */
export const readGraph = async (
  graph: BackboneFile,
  remedy: string = AGAIN,
): Promise<Uint8Array> => {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(graph.path);
  } catch (error) {
    throw new PatchwatchError(
      'BACKBONE_CORRUPT',
      `backbone file ${graph.path} can't be read (${systemErrorCode(error) ?? 'unknown error'}): ${remedy}`,
      { cause: error },
    );
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== graph.sha256) {
    throw new PatchwatchError(
      'BACKBONE_CORRUPT',
      `backbone file ${graph.path} has sha256 ${sha256.slice(0, 12)}…, expected ${graph.sha256.slice(0, 12)}…: ${remedy}`,
    );
  }
  return bytes;
};
