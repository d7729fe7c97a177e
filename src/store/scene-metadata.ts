// The metadata of a scene model as text in the file's header, checked field by field when read: what scoring
// relies on must not depend on who wrote the file.
import { ID_PATTERN } from '../core/ids.ts';
import type { SceneModelMetadata } from '../core/ports/model-store.ts';
import { SafetensorsError } from './safetensors.ts';

const FORMAT_VERSION = 3;
/** Of models that know no more than their Gaussians. */
const VERSION_WITHOUT_PARTS = 2;
const isKnownVersion = (value: unknown): boolean =>
  value === FORMAT_VERSION || value === VERSION_WITHOUT_PARTS;

/** The file is whole, but of a format that this version of the program does not read. */
export class FormatVersionError extends Error {}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => Number.isFinite(value);
const isInteger: Check = (value) => Number.isSafeInteger(value);
const isCount: Check = (value) => isInteger(value) && Number(value) >= 0;
const isId: Check = (value) => isText(value) && ID_PATTERN.test(String(value));
/** Distances are no smaller in any footage: below it every frame would be an alert, or none could be told from it. */
const SMALLEST_THRESHOLD = 1e-6;
const isThreshold: Check = (value) => isNumber(value) && Number(value) >= SMALLEST_THRESHOLD;
const within =
  (largest: number): Check =>
  (value) =>
    isCount(value) && Number(value) >= 1 && Number(value) <= largest;

const FIELDS: Readonly<Record<keyof SceneModelMetadata, Check>> = {
  formatVersion: isKnownVersion,
  cameraId: isId,
  sceneId: isId,
  profile: isText,
  backbone: isText,
  backboneSha256: isText,
  grid: within(1_024),
  stageCount: within(16),
  dimensions: within(8_192),
  covariance: (value) => value === 'own' || value === 'shared',
  footageKind: (value) => value === 'video' || value === 'stills',
  shrinkage: (value) => isNumber(value) && Number(value) >= 0,
  seed: isInteger,
  fittedAt: isText,
  trainingSpanMs: (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber),
  trainingFrameCount: isCount,
  heldOutFrameCount: isCount,
  threshold: isThreshold,
  calibration: (value) =>
    isRecord(value) && Object.values(value).every((one) => isText(one) || isNumber(one)),
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws RangeError naming the field: a model that could not be read back must not be written */
export const encodeMetadata = (metadata: SceneModelMetadata): string => {
  const wrong = wrongField({ ...metadata });
  if (wrong !== undefined) throw new RangeError(`scene model with an invalid ${wrong}`);
  return JSON.stringify(metadata);
};

/** @throws SafetensorsError naming the field, FormatVersionError */
export const decodeMetadata = (text: string): SceneModelMetadata => {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new SafetensorsError('its metadata is not JSON');
  }
  if (!isRecord(fields)) throw new SafetensorsError('its metadata is not an object');
  const { formatVersion } = fields;
  if (isCount(formatVersion) && !isKnownVersion(formatVersion)) {
    throw new FormatVersionError(
      `is of format ${String(formatVersion)}, this program reads format ${FORMAT_VERSION}`,
    );
  }
  const wrong = wrongField(fields);
  if (wrong !== undefined) throw new SafetensorsError(`its metadata has no valid ${wrong}`);
  return fields as unknown as SceneModelMetadata;
};

const wrongField = (fields: Readonly<Record<string, unknown>>): string | undefined =>
  Object.entries(FIELDS).find(([name, isValid]) => !isValid(fields[name]))?.[0];
