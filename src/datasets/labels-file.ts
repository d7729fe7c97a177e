// labels.json: which frames of a clip are anomalous, for sets whose folders do not tell.
// {"01": {"frames": 180, "anomalous_0based_inclusive": [[60, 179]]}, …}
import { readSmallFile } from '../process/read-small-file.ts';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

/** Far more than any holds. */
const MAX_BYTES = 16 * 1024 * 1024;

const FORMAT = '{"CLIP": {"frames": 180, "anomalous_0based_inclusive": [[60, 179]]}, …}';

const invalid = (path: string, problem: string, cause?: unknown): PatchwatchError =>
  new PatchwatchError('DATASET_INVALID', `${path} ${problem}: expected ${FORMAT}`, { cause });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFrame = (value: unknown, frames: number): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < frames;

/** Labels per frame, or undefined when the entry is not in the format. */
const labelsOf = (entry: unknown): Uint8Array | undefined => {
  if (!isRecord(entry)) return undefined;
  const { frames, anomalous_0based_inclusive: ranges } = entry;
  if (!Number.isSafeInteger(frames) || Number(frames) < 1 || !Array.isArray(ranges))
    return undefined;
  const labels = new Uint8Array(Number(frames));
  for (const range of ranges as readonly unknown[]) {
    if (!Array.isArray(range) || range.length !== 2) return undefined;
    const [first, last] = range as [unknown, unknown];
    if (!isFrame(first, labels.length) || !isFrame(last, labels.length) || first > last) {
      return undefined;
    }
    labels.fill(1, first, last + 1);
  }
  return labels;
};

/**
 * Labels per frame (1 = anomalous) by clip id; undefined when there is no such file.
 *
 * @throws PatchwatchError DATASET_INVALID when it is not in the format
 */
export const readLabels = async (
  path: string,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse((await readSmallFile(path, MAX_BYTES)).toString('utf8'));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw invalid(path, "can't be read as JSON", error);
  }
  if (!isRecord(parsed)) throw invalid(path, 'is not in the format');
  return new Map(
    Object.entries(parsed).map(([id, entry]) => {
      const labels = labelsOf(entry);
      if (labels === undefined) throw invalid(path, `is not in the format at clip ${id}`);
      return [id, labels];
    }),
  );
};
