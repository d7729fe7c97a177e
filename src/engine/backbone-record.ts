// `provenance.json` of a backbone, checked field by field: an imported one was written on somebody else's machine.
import { basename } from 'node:path';

import { PRECISIONS, type Precision } from '../core/engine-setting.ts';

interface FileRecord {
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface GraphRecord extends FileRecord {
  readonly grid: number;
  readonly stageCount: number;
  readonly precision: Precision;
}

/** The same cut for TensorFlow.js: a graph and its weights. */
export interface TfjsGraphRecord extends GraphRecord {
  readonly weights: FileRecord;
}

export interface BackboneRecord {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  /** Channels of each stage, shallow to deep. */
  readonly stageChannels: readonly number[];
  readonly graphs: readonly GraphRecord[];
  /** None where the backbone was exported without. */
  readonly tfjsGraphs: readonly TfjsGraphRecord[];
}

/** What is wrong with a record, as the end of a sentence about the file. */
export class BackboneRecordError extends Error {}

const NAME = /^[a-z0-9][a-z0-9._-]*$/;
/** By ending. Names are joined to a folder: one that leads out of it must not get that far. */
const FILES = {
  onnx: /^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/,
  json: /^[A-Za-z0-9][A-Za-z0-9._-]*\.json$/,
  bin: /^[A-Za-z0-9][A-Za-z0-9._-]*\.bin$/,
};
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

const precisionOf = (value: unknown, at: string): Precision => {
  const precision = PRECISIONS.find((known) => known === value);
  if (precision !== undefined) return precision;
  throw new BackboneRecordError(
    `${at}.precision is ${shown(value)}, it must be one of: ${PRECISIONS.join(', ')}`,
  );
};

const fileOf = (
  file: unknown,
  facts: Record<string, unknown>,
  at: string,
  ending: keyof typeof FILES,
): FileRecord => ({
  file: textOf(
    file,
    'the name of a graph',
    FILES[ending],
    `a plain file name that ends in .${ending}`,
  ),
  sha256: textOf(facts.sha256, `${at}.sha256`, SHA256, '64 hexadecimal digits'),
  sizeBytes: countOf(facts.sizeBytes, `${at}.sizeBytes`, 2 ** 31),
});

const graphOf = (
  file: string,
  facts: unknown,
  at: string,
  stageCount: number,
  ending: 'onnx' | 'json',
): GraphRecord => {
  if (!isRecord(facts)) throw new BackboneRecordError(`${at} is no object`);
  return {
    ...fileOf(file, facts, at, ending),
    grid: countOf(facts.grid, `${at}.grid`, 256),
    stageCount: countOf(facts.stages, `${at}.stages`, stageCount),
    precision: precisionOf(facts.precision ?? 'float32', at),
  };
};

const onnxGraphOf = (file: string, facts: unknown, stageCount: number): GraphRecord =>
  graphOf(file, facts, `files.${basename(file)}`, stageCount, 'onnx');

const tfjsGraphOf = (file: string, facts: unknown, stageCount: number): TfjsGraphRecord => {
  const at = `tfjs.${basename(file)}`;
  const graph = graphOf(file, facts, at, stageCount, 'json');
  const weights = isRecord(facts) ? facts.weights : undefined;
  if (!isRecord(weights)) throw new BackboneRecordError(`${at}.weights is no object`);
  return { ...graph, weights: fileOf(weights.file, weights, `${at}.weights`, 'bin') };
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
  const { name, source, licence, stages, files, tfjs = {} } = fields;
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new BackboneRecordError('stages is no list of stages');
  }
  if (!isRecord(files) || Object.keys(files).length === 0) {
    throw new BackboneRecordError('files names no graph');
  }
  if (!isRecord(tfjs)) throw new BackboneRecordError('tfjs is no object');
  return {
    name: textOf(name, 'name', NAME, "small letters, digits, '.', '_' and '-'"),
    source: textOf(source, 'source', /\S/, 'where the weights are from'),
    licence: textOf(licence, 'licence', /\S/, 'the licence of the weights'),
    stageChannels: stages.map((stage: unknown, index) =>
      countOf(isRecord(stage) ? stage.channels : undefined, `stages[${index}].channels`, 65_536),
    ),
    graphs: Object.entries(files).map(([file, facts]) => onnxGraphOf(file, facts, stages.length)),
    tfjsGraphs: Object.entries(tfjs).map(([file, facts]) =>
      tfjsGraphOf(file, facts, stages.length),
    ),
  };
};
