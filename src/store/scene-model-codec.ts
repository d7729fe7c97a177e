// A scene model as a safetensors file (docs/ref/scene-model.md). Triangular factors are stored packed, which
// halves the file of a model with one covariance per position.
import { FRAME_SIDE } from '../core/frame.ts';
import type { SceneModel, SceneModelMetadata } from '../core/ports/model-store.ts';
import type { SceneGaussians } from '../core/scene-gaussians.ts';
import { fromHalf, toHalf } from './float16.ts';
import {
  SafetensorsError,
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  toFloat32,
  toInt32,
  finite,
  toUint16,
  type SafetensorsFile,
  type Tensor,
  type TensorType,
} from './safetensors.ts';
import { partNumbers, partTensors, readParts } from './model-part-codec.ts';
import { decodeMetadata, encodeMetadata } from './scene-metadata.ts';

const FORMAT_NAME = 'patchwatch-scene-model';

/** Half precision where there is a factor per position: its rounding moves scores by less than noise does. */
const FACTOR_TYPES = { paper: 'F32', own: 'F16', shared: 'F32' } as const;

const factorTypeOf = ({ profile, covariance }: SceneModelMetadata): 'F32' | 'F16' =>
  profile === 'paper' ? FACTOR_TYPES.paper : FACTOR_TYPES[covariance];

/** Sizes of the tensors that follow from the metadata. */
const sizesOf = ({ grid, dimensions: d, covariance }: SceneModelMetadata) => {
  const patches = grid * grid;
  return { patches, d, matrices: covariance === 'own' ? patches : 1, packed: triangleSize(d) };
};

const triangleSize = (d: number): number => (d * (d + 1)) / 2;

/**
 * Parts to write one after the other.
 *
 * @throws RangeError when the model does not agree with its own metadata
 */
export const encodeSceneModel = (model: SceneModel): readonly Uint8Array[] => {
  const { metadata, channels, gaussians, meanFrame } = model;
  const { appearance, motion } = gaussians;
  const scene = encodeMetadata(metadata);
  const { patches, d, matrices, packed } = sizesOf(metadata);
  const channelCount = channels.reduce((sum, list) => sum + list.length, 0);
  if (
    channels.length !== metadata.stageCount ||
    channelCount * (gaussians.hasChange ? 2 : 1) !== d ||
    appearance.mean.length !== patches * d ||
    appearance.factor.length !== matrices * d * d ||
    (motion === undefined) !== (gaussians.scales === undefined) ||
    meanFrame.length !== FRAME_SIDE * FRAME_SIDE * 3
  ) {
    throw new RangeError('scene model whose tensors do not agree with its metadata');
  }
  const dtype = factorTypeOf(metadata);
  const factor = packUpper(appearance.factor, d);
  return encodeSafetensors({
    metadata: { format: FORMAT_NAME, scene, parts: partNumbers(model.parts) },
    tensors: {
      mean: { dtype: 'F32', shape: [patches, d], bytes: bytesOf(appearance.mean) },
      factor: {
        dtype,
        shape: [matrices, packed],
        bytes: bytesOf(dtype === 'F16' ? toHalf(factor) : factor),
      },
      ...motionTensors(gaussians),
      ...partTensors(model.parts),
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

const motionTensors = ({ motion, scales }: SceneGaussians): Record<string, Tensor> => {
  if (motion === undefined || scales === undefined) return {};
  const { patchCount, dimensions: d } = motion;
  const scale = Float32Array.from(scales.flatMap(({ mean, deviation }) => [mean, deviation]));
  return {
    motion_mean: { dtype: 'F32', shape: [patchCount, d], bytes: bytesOf(motion.mean) },
    motion_factor: {
      dtype: 'F32',
      shape: [patchCount, triangleSize(d)],
      bytes: bytesOf(packUpper(motion.factor, d)),
    },
    cue_scales: { dtype: 'F32', shape: [2, 2], bytes: bytesOf(scale) },
  };
};

/**
 * The result shares no memory with `data`, so that the file's bytes can go.
 *
 * @throws SafetensorsError when the bytes are no whole scene model, FormatVersionError
 */
export const decodeSceneModel = (data: Uint8Array): SceneModel => {
  const file = decodeSafetensors(data);
  const { format, scene, parts } = file.metadata;
  if (format !== FORMAT_NAME || scene === undefined) {
    throw new SafetensorsError('it is not a scene model');
  }
  const metadata = decodeMetadata(scene);
  const { patches, d, matrices, packed } = sizesOf(metadata);
  const dtype = factorTypeOf(metadata);
  const factor = tensorOf(file, 'factor', dtype, [matrices, packed]);
  const { channels, hasChange } = readChannels(file, metadata);
  return {
    metadata,
    channels,
    gaussians: {
      appearance: {
        covariance: metadata.covariance,
        patchCount: patches,
        dimensions: d,
        mean: finite('mean', toFloat32(tensorOf(file, 'mean', 'F32', [patches, d]))).slice(),
        factor: unpackUpper(
          finite('factor', dtype === 'F16' ? fromHalf(toUint16(factor)) : toFloat32(factor)),
          d,
        ),
      },
      hasChange,
      ...readMotion(file, patches),
    },
    parts: readParts(file.tensors, parts),
    meanFrame: tensorOf(file, 'mean_frame', 'U8', [FRAME_SIDE, FRAME_SIDE, 3]).bytes.slice(),
  };
};

const readMotion = (
  file: SafetensorsFile,
  patches: number,
): Pick<SceneGaussians, 'motion' | 'scales'> => {
  const described = file.tensors.motion_mean;
  if (described === undefined) return { motion: undefined, scales: undefined };
  const d = described.shape[1] ?? 0;
  const numbers = (name: string, shape: readonly number[]): Float32Array =>
    finite(name, toFloat32(tensorOf(file, name, 'F32', shape)));
  const mean = numbers('motion_mean', [patches, d]).slice();
  const factor = numbers('motion_factor', [patches, triangleSize(d)]);
  const scales = numbers('cue_scales', [2, 2]);
  const [first = 0, firstDeviation = 1, second = 0, secondDeviation = 1] = scales;
  if (firstDeviation <= 0 || secondDeviation <= 0)
    throw new SafetensorsError('tensor "cue_scales" has a deviation that is not above 0');
  return {
    motion: {
      covariance: 'own',
      patchCount: patches,
      dimensions: d,
      mean,
      factor: unpackUpper(factor, d),
    },
    scales: [
      { mean: first, deviation: firstDeviation },
      { mean: second, deviation: secondDeviation },
    ],
  };
};

const readChannels = (
  file: SafetensorsFile,
  metadata: SceneModelMetadata,
): { readonly channels: Int32Array[]; readonly hasChange: boolean } => {
  const channels = Array.from({ length: metadata.stageCount }, (_, stage) => {
    const name = `channels${stage + 1}`;
    return toInt32(tensorOf(file, name, 'I32', undefined));
  });
  const count = channels.reduce((sum, list) => sum + list.length, 0);
  const hasChange = 2 * count === metadata.dimensions;
  if (!hasChange && count !== metadata.dimensions) {
    throw new SafetensorsError(`it lists ${count} channels, its metadata ${metadata.dimensions}`);
  }
  if (channels.some((list) => list.some((channel) => channel < 0))) {
    throw new SafetensorsError('it lists a negative channel');
  }
  return { channels, hasChange };
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
