// `provenance.json` of a backbone, checked field by field: an imported one was written on somebody else's machine.
import { basename } from 'node:path';

export interface GraphRecord {
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly grid: number;
  readonly stageCount: number;
  readonly precision: Precision;
}

/** What the backbone computes in. */
export const PRECISIONS = ['float32', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface BackboneRecord {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  /** Channels of each stage, shallow to deep. */
  readonly stageChannels: readonly number[];
  readonly graphs: readonly GraphRecord[];
}

/** What is wrong with a record, as the end of a sentence about the file. */
export class BackboneRecordError extends Error {}

const NAME = /^[a-z0-9][a-z0-9._-]*$/;
const GRAPH_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/;
const SHA256 = /^[0-9a-f]{64}$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);

const textOf = (value: unknown, field: string, pattern: RegExp, allowed: string): string => {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new BackboneRecordError(`${field} is ${shown(value)}, it must be ${allowed}`);
};

const countOf = (value: unknown, field: string, largest: number): number => {
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= largest) {
    return Number(value);
  }
  throw new BackboneRecordError(
    `${field} is ${shown(value)}, it must be a whole number from 1 to ${largest}`,
  );
};

const precisionOf = (value: unknown, file: string): Precision => {
  const precision = PRECISIONS.find((known) => known === value);
  if (precision !== undefined) return precision;
  throw new BackboneRecordError(
    `files.${file}.precision is ${shown(value)}, it must be one of: ${PRECISIONS.join(', ')}`,
  );
};

const graphOf = (file: string, facts: unknown, stageCount: number): GraphRecord => {
  // Names are joined to a folder: one that leads out of it must not get that far.
  textOf(file, 'the name of a graph', GRAPH_FILE, 'a plain file name that ends in .onnx');
  if (!isRecord(facts)) throw new BackboneRecordError(`files.${basename(file)} is no object`);
  return {
    file,
    sha256: textOf(facts.sha256, `files.${file}.sha256`, SHA256, '64 hexadecimal digits'),
    sizeBytes: countOf(facts.sizeBytes, `files.${file}.sizeBytes`, 2 ** 31),
    grid: countOf(facts.grid, `files.${file}.grid`, 256),
    stageCount: countOf(facts.stages, `files.${file}.stages`, stageCount),
    precision: precisionOf(facts.precision ?? 'float32', file),
  };
};

/** @throws BackboneRecordError */
export const parseBackboneRecord = (text: string): BackboneRecord => {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new BackboneRecordError('it is not JSON');
  }
  if (!isRecord(fields)) throw new BackboneRecordError('it is not an object');
  const { name, source, licence, stages, files } = fields;
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new BackboneRecordError('stages is no list of stages');
  }
  if (!isRecord(files) || Object.keys(files).length === 0) {
    throw new BackboneRecordError('files names no graph');
  }
  return {
    name: textOf(name, 'name', NAME, "small letters, digits, '.', '_' and '-'"),
    source: textOf(source, 'source', /\S/, 'where the weights are from'),
    licence: textOf(licence, 'licence', /\S/, 'the licence of the weights'),
    stageChannels: stages.map((stage: unknown, index) =>
      countOf(isRecord(stage) ? stage.channels : undefined, `stages[${index}].channels`, 65_536),
    ),
    graphs: Object.entries(files).map(([file, facts]) => graphOf(file, facts, stages.length)),
  };
};
