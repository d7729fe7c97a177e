// The parts of a model, or of what a fit knows, as tensors `<part>.<array>` and their numbers as JSON in the file's
// header. What an array means is for whoever made it to check; here only that each is whole and finite.
import { PART_NAMES, type ModelPart, type ModelParts, type PartArray } from '../core/model-part.ts';
import { fromHalf, toHalf } from './float16.ts';
import {
  SafetensorsError,
  bytesOf,
  finite,
  toFloat32,
  toUint16,
  type Tensor,
} from './safetensors.ts';

export const partTensors = (parts: ModelParts): Record<string, Tensor> =>
  Object.fromEntries(
    PART_NAMES.flatMap((part) =>
      Object.entries(parts[part]?.arrays ?? {}).map(([name, array]) => [
        `${part}.${name}`,
        encodeArray(array),
      ]),
    ),
  );

/** The numbers of all parts, as JSON. */
export const partNumbers = (parts: ModelParts): string =>
  JSON.stringify(
    Object.fromEntries(
      PART_NAMES.flatMap((part) =>
        parts[part] === undefined ? [] : [[part, parts[part].numbers]],
      ),
    ),
  );

/**
 * @param numbers as `partNumbers` wrote them; undefined in files of before there were parts
 * @throws SafetensorsError naming what is not whole
 */
export const readParts = (
  tensors: Readonly<Record<string, Tensor>>,
  numbers: string | undefined,
): ModelParts => {
  if (numbers === undefined) return {};
  const known = parseNumbers(numbers);
  return Object.fromEntries(
    PART_NAMES.flatMap((part) => {
      const ofPart = known[part];
      return ofPart === undefined ? [] : [[part, readPart(tensors, part, ofPart)]];
    }),
  );
};

const readPart = (
  tensors: Readonly<Record<string, Tensor>>,
  part: string,
  numbers: unknown,
): ModelPart => {
  const isNumbers =
    typeof numbers === 'object' &&
    numbers !== null &&
    Object.values(numbers).every(Number.isFinite);
  if (!isNumbers) throw new SafetensorsError(`the numbers of its part "${part}" are none`);
  const arrays = Object.entries(tensors).flatMap(([name, tensor]) =>
    name.startsWith(`${part}.`)
      ? [[name.slice(part.length + 1), decodeArray(name, tensor)] as const]
      : [],
  );
  return { numbers: numbers as Record<string, number>, arrays: Object.fromEntries(arrays) };
};

const parseNumbers = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new SafetensorsError('the numbers of its parts are not JSON');
};

const encodeArray = ({ shape, values, precision }: PartArray): Tensor =>
  precision === 'half'
    ? { dtype: 'F16', shape, bytes: bytesOf(toHalf(values)) }
    : { dtype: 'F32', shape, bytes: bytesOf(values) };

const decodeArray = (name: string, tensor: Tensor): PartArray => {
  const { dtype, shape } = tensor;
  if (dtype !== 'F16' && dtype !== 'F32') {
    throw new SafetensorsError(`tensor "${name}" is ${dtype}, expected F16 or F32`);
  }
  // Copied: the file's bytes must be able to go.
  const values = dtype === 'F16' ? fromHalf(toUint16(tensor)) : toFloat32(tensor).slice();
  return { shape, values: finite(name, values), precision: dtype === 'F16' ? 'half' : 'single' };
};
