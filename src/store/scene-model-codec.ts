// A scene model as a safetensors file (docs/ref/scene-model.md). Triangular factors are stored packed, which
// halves the file of a model with one covariance per position.
import { FRAME_SIDE } from '../core/frame.ts';
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
  type TensorType,
} from './safetensors.ts';
import { decodeMetadata, encodeMetadata } from './scene-metadata.ts';

const FORMAT_NAME = 'patchwatch-scene-model';

/** Sizes of the tensors that follow from the metadata. */
const sizesOf = ({ grid, dimensions: d, covariance }: SceneModelMetadata) => {
  const patches = grid * grid;
  return { patches, d, matrices: covariance === 'own' ? patches : 1, packed: (d * (d + 1)) / 2 };
};

/**
 * Parts to write one after the other.
 *
 * @throws RangeError when the model does not agree with its own metadata
 */
export const encodeSceneModel = (model: SceneModel): readonly Uint8Array[] => {
  const { metadata, channels, mean, factor, meanFrame } = model;
  const scene = encodeMetadata(metadata);
  const { patches, d, matrices, packed } = sizesOf(metadata);
  const channelCount = channels.reduce((sum, list) => sum + list.length, 0);
  if (
    channels.length !== metadata.stageCount ||
    channelCount !== d ||
    mean.length !== patches * d ||
    factor.length !== matrices * d * d ||
    meanFrame.length !== FRAME_SIDE * FRAME_SIDE * 3
  ) {
    throw new RangeError('scene model whose tensors do not agree with its metadata');
  }
  return encodeSafetensors({
    metadata: { format: FORMAT_NAME, scene },
    tensors: {
      mean: { dtype: 'F32', shape: [patches, d], bytes: bytesOf(mean) },
      factor: { dtype: 'F32', shape: [matrices, packed], bytes: bytesOf(packUpper(factor, d)) },
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

/**
 * The result shares no memory with `data`, so that the file's bytes can go.
 *
 * @throws SafetensorsError when the bytes are no whole scene model, FormatVersionError
 */
export const decodeSceneModel = (data: Uint8Array): SceneModel => {
  const file = decodeSafetensors(data);
  const { format, scene } = file.metadata;
  if (format !== FORMAT_NAME || scene === undefined) {
    throw new SafetensorsError('it is not a scene model');
  }
  const metadata = decodeMetadata(scene);
  const { patches, d, matrices, packed } = sizesOf(metadata);
  return {
    metadata,
    channels: readChannels(file, metadata),
    mean: toFloat32(tensorOf(file, 'mean', 'F32', [patches, d])).slice(),
    factor: unpackUpper(toFloat32(tensorOf(file, 'factor', 'F32', [matrices, packed])), d),
    meanFrame: tensorOf(file, 'mean_frame', 'U8', [FRAME_SIDE, FRAME_SIDE, 3]).bytes.slice(),
  };
};

const readChannels = (file: SafetensorsFile, metadata: SceneModelMetadata): Int32Array[] => {
  const channels = Array.from({ length: metadata.stageCount }, (_, stage) => {
    const name = `channels${stage + 1}`;
    return toInt32(tensorOf(file, name, 'I32', undefined));
  });
  const count = channels.reduce((sum, list) => sum + list.length, 0);
  if (count !== metadata.dimensions) {
    throw new SafetensorsError(`it lists ${count} channels, its metadata ${metadata.dimensions}`);
  }
  if (channels.some((list) => list.some((channel) => channel < 0))) {
    throw new SafetensorsError('it lists a negative channel');
  }
  return channels;
};

/** @param shape undefined for a list of any length */
const tensorOf = (
  file: SafetensorsFile,
  name: string,
  dtype: TensorType,
  shape: readonly number[] | undefined,
): Tensor => {
  const tensor = file.tensors[name];
  if (tensor === undefined) throw new SafetensorsError(`it lacks the tensor "${name}"`);
  const wanted = shape ?? [tensor.shape[0]];
  if (tensor.dtype !== dtype || tensor.shape.join() !== wanted.join()) {
    throw new SafetensorsError(
      `tensor "${name}" is ${tensor.dtype} [${tensor.shape.join()}], expected ${dtype} [${wanted.join()}]`,
    );
  }
  return tensor;
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
