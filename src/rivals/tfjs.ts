// TensorFlow.js, taken where it is installed and needed by nothing else: it is no dependency. What is used of it is
// described here, so that types need no package either.
import { createRequire } from 'node:module';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';

export interface Tensor {
  readonly shape: readonly number[];
  add(other: Tensor | number): Tensor;
  sub(other: Tensor | number): Tensor;
  mul(other: Tensor | number): Tensor;
  square(): Tensor;
  exp(): Tensor;
  clipByValue(low: number, high: number): Tensor;
  /** Over the axes; over all without. */
  sum(axes?: readonly number[]): Tensor;
  mean(): Tensor;
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** What stands for a tensor while a network is put together. */
export interface SymbolicTensor {
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

interface Layer {
  apply(input: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
}

export interface Network {
  apply(input: Tensor, how: { readonly training: boolean }): Tensor;
  countParams(): number;
  dispose(): void;
}

interface Convolution {
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides?: number;
  readonly padding: 'same';
  readonly useBias: boolean;
  readonly activation?: 'sigmoid';
  readonly kernelInitializer: unknown;
}

interface Optimizer {
  minimize(loss: () => Tensor, returnCost: true): Tensor | null;
  dispose(): void;
}

export interface TensorFlow {
  readonly layers: {
    conv2d(options: Convolution): Layer;
    conv2dTranspose(options: Convolution): Layer;
    batchNormalization(options: { readonly momentum: number; readonly epsilon: number }): Layer;
    reLU(): Layer;
    maxPooling2d(options: {
      readonly poolSize: number;
      readonly strides: number;
      readonly padding: 'same';
    }): Layer;
    add(): Layer;
  };
  readonly initializers: { heNormal(options: { readonly seed: number }): unknown };
  readonly train: { adam(learningRate: number): Optimizer };
  input(options: { readonly shape: readonly number[] }): SymbolicTensor;
  model(options: { readonly inputs: SymbolicTensor; readonly outputs: SymbolicTensor }): Network;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  randomNormal(
    shape: readonly number[],
    mean: number,
    deviation: number,
    kind: 'float32',
    seed: number,
  ): Tensor;
  split(tensor: Tensor, parts: number, axis: number): Tensor[];
  matMul(a: Tensor, b: Tensor, turnA: boolean, turnB: boolean): Tensor;
  /** Frees all tensors made inside but those returned. */
  tidy<Result>(work: () => Result): Result;
  nextFrame(): Promise<void>;
}

/** Fastest first. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node', '@tensorflow/tfjs'];
const REMEDY = 'install it with `npm install --no-save @tensorflow/tfjs-node@4.22.0`';

/**
 * @param place folder of a TensorFlow.js package to use instead of the installed ones
 * @throws PatchwatchError TFJS_MISSING
 */
export const loadTfjs = (place?: string): TensorFlow => {
  const require = createRequire(import.meta.url);
  // tfjs-node 4 calls a function that Node 23 took away.
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const failures: string[] = [];
  for (const name of place === undefined ? PACKAGES : [place]) {
    try {
      return require(name) as TensorFlow;
    } catch (error) {
      const isAbsent = systemErrorCode(error) === 'MODULE_NOT_FOUND' && place === undefined;
      if (!isAbsent) failures.push(`${name}: ${toError(error).message.split('\n')[0] ?? ''}`);
    }
  }
  const why = failures.length === 0 ? 'is not installed' : `does not load (${failures.join('; ')})`;
  throw new PatchwatchError('TFJS_MISSING', `TensorFlow.js ${why}: ${REMEDY}`);
};
