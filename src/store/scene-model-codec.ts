// A scene model as a safetensors file (docs/ref/scene-model.md). Triangular factors are stored packed, which
// halves the file of a model with one covariance per position.
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';
import type { SceneModel, SceneModelMetadata } from '../core/ports/model-store.ts';
import {
  SafetensorsError,
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  toFloat32,
  toInt32,
  type SafetensorsFile,
  type Tensor,
} from './safetensors.ts';

const FORMAT_VERSION = 1;

export const encodeSceneModel = (model: SceneModel): readonly Uint8Array[] => {
  const { metadata, channels, mean, factor, meanFrame } = model;
  const d = metadata.dimensions;
  const patches = metadata.grid * metadata.grid;
  const packed = packUpper(factor, d);
  const matrices = factor.length / (d * d);
  return encodeSafetensors({
    metadata: { format: 'patchwatch-scene-model', scene: JSON.stringify(metadata) },
    tensors: {
      mean: { dtype: 'F32', shape: [patches, d], bytes: bytesOf(mean) },
      factor: { dtype: 'F32', shape: [matrices, packed.length / matrices], bytes: bytesOf(packed) },
      ...Object.fromEntries(
        channels.map((list, stage) => [
          `channels${stage + 1}`,
          { dtype: 'I32', shape: [list.length], bytes: bytesOf(list) } satisfies Tensor,
        ]),
      ),
      mean_frame: { dtype: 'U8', shape: [FRAME_SIDE, FRAME_SIDE, 3], bytes: meanFrame },
    },
  });
};

/** @throws SafetensorsError when the bytes are no scene model of this format version */
export const decodeSceneModel = (data: Uint8Array): SceneModel => {
  const file = decodeSafetensors(data);
  const metadata = readMetadata(file);
  const d = metadata.dimensions;
  const patches = metadata.grid * metadata.grid;
  const matrices = metadata.covariance === 'own' ? patches : 1;
  const channels = Array.from({ length: metadata.stageCount }, (_, stage) =>
    toInt32(tensorOf(file, `channels${stage + 1}`)),
  );
  const meanFrame = tensorOf(file, 'mean_frame').bytes;
  if (meanFrame.length !== FRAME_BYTES)
    throw new SafetensorsError('its mean frame has another size');
  return {
    metadata,
    channels,
    mean: sized(toFloat32(tensorOf(file, 'mean')), patches * d, 'mean'),
    factor: unpackUpper(
      sized(toFloat32(tensorOf(file, 'factor')), (matrices * d * (d + 1)) / 2, 'factor'),
      d,
    ),
    meanFrame,
  };
};

const readMetadata = (file: SafetensorsFile): SceneModelMetadata => {
  if (file.metadata.format !== 'patchwatch-scene-model' || file.metadata.scene === undefined) {
    throw new SafetensorsError('it is not a scene model');
  }
  let metadata: Partial<SceneModelMetadata>;
  try {
    metadata = JSON.parse(file.metadata.scene) as Partial<SceneModelMetadata>;
  } catch {
    throw new SafetensorsError('its metadata is not JSON');
  }
  if (metadata.formatVersion !== FORMAT_VERSION) {
    throw new SafetensorsError(
      `its format version is ${String(metadata.formatVersion)}, this program reads ${FORMAT_VERSION}`,
    );
  }
  for (const key of ['grid', 'dimensions', 'stageCount', 'threshold'] as const) {
    if (!Number.isFinite(metadata[key])) throw new SafetensorsError(`its metadata lacks ${key}`);
  }
  return metadata as SceneModelMetadata;
};

const tensorOf = (file: SafetensorsFile, name: string): Tensor => {
  const tensor = file.tensors[name];
  if (tensor === undefined) throw new SafetensorsError(`it lacks the tensor "${name}"`);
  return tensor;
};

const sized = (values: Float32Array, length: number, name: string): Float32Array => {
  if (values.length === length) return values;
  throw new SafetensorsError(`tensor "${name}" has ${values.length} numbers, expected ${length}`);
};

/** (matrix, row, column) upper triangles without their zeros: row i holds d − i numbers. */
const packUpper = (factor: Float32Array, d: number): Float32Array => {
  const matrices = factor.length / (d * d);
  const packed = new Float32Array((matrices * d * (d + 1)) / 2);
  let to = 0;
  for (let row = 0; row < matrices * d; row++) {
    const part = factor.subarray(row * d + (row % d), (row + 1) * d);
    packed.set(part, to);
    to += part.length;
  }
  return packed;
};

const unpackUpper = (packed: Float32Array, d: number): Float32Array => {
  const matrices = (packed.length * 2) / (d * (d + 1));
  const factor = new Float32Array(matrices * d * d);
  let from = 0;
  for (let row = 0; row < matrices * d; row++) {
    const length = d - (row % d);
    factor.set(packed.subarray(from, from + length), row * d + (row % d));
    from += length;
  }
  return factor;
};
