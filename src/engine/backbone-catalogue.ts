// The backbones that ship with the package: what each is, and which graph file serves which cut and grid.
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

interface Provenance {
  readonly name: string;
  readonly licence: string;
  readonly stages: readonly { readonly channels: number; readonly stride: number }[];
  readonly files: Readonly<
    Record<
      string,
      {
        readonly sha256: string;
        readonly sizeBytes: number;
        readonly grid: number;
        readonly stages: number;
      }
    >
  >;
}

export interface BackboneGraph {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly grid: number;
  readonly stageCount: number;
}

export interface Backbone {
  readonly name: string;
  readonly licence: string;
  /** Channels of each stage, shallow to deep. */
  readonly stageChannels: readonly number[];
  readonly graphs: readonly BackboneGraph[];
}

const backbonesDir = (assetsDir: string): string => join(assetsDir, 'backbones');

export const listBackbones = async (assetsDir: string): Promise<readonly string[]> => {
  const entries = await readdir(backbonesDir(assetsDir), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
};

export const readBackbone = async (assetsDir: string, name: string): Promise<Backbone> => {
  const installed = await listBackbones(assetsDir);
  if (!installed.includes(name)) {
    throw new PatchwatchError(
      'BACKBONE_UNKNOWN',
      `backbone "${name}" is not installed; installed: ${installed.join(', ')}`,
    );
  }
  const folder = join(backbonesDir(assetsDir), name);
  const provenance = JSON.parse(
    await readFile(join(folder, 'provenance.json'), 'utf8'),
  ) as Provenance;
  return {
    name: provenance.name,
    licence: provenance.licence,
    stageChannels: provenance.stages.map((stage) => stage.channels),
    graphs: Object.entries(provenance.files).map(([file, facts]) => ({
      path: join(folder, file),
      sha256: facts.sha256,
      sizeBytes: facts.sizeBytes,
      grid: facts.grid,
      stageCount: facts.stages,
    })),
  };
};

/** The graph of a backbone cut after `stageCount` stages on a grid × grid raster. */
export const findGraph = (backbone: Backbone, stageCount: number, grid: number): BackboneGraph => {
  const graph = backbone.graphs.find(
    (candidate) => candidate.stageCount === stageCount && candidate.grid === grid,
  );
  if (graph !== undefined) return graph;
  const offered = backbone.graphs.map((other) => `${other.stageCount} stages on ${other.grid}`);
  throw new PatchwatchError(
    'BACKBONE_UNKNOWN',
    `backbone "${backbone.name}" has no graph with ${stageCount} stages on a grid of ${grid}; it has: ${offered.join(', ')}`,
  );
};

/** Reads a graph and proves that it is the file the provenance speaks of. */
export const readGraph = async (graph: BackboneGraph): Promise<Uint8Array> => {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(graph.path);
  } catch (error) {
    throw new PatchwatchError(
      'BACKBONE_CORRUPT',
      `backbone file ${graph.path} can't be read (${systemErrorCode(error) ?? 'unknown error'}): install the package again`,
      { cause: error },
    );
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== graph.sha256) {
    throw new PatchwatchError(
      'BACKBONE_CORRUPT',
      `backbone file ${graph.path} has sha256 ${sha256.slice(0, 12)}…, expected ${graph.sha256.slice(0, 12)}…: install the package again`,
    );
  }
  return bytes;
};
