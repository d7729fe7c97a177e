// TensorFlow.js is no dependency: it is taken where it is installed (load-tfjs.ts). What is used of it is described
// here, so that types need no package either.

export interface Tensor {
  readonly shape: readonly number[];
  add(other: Tensor | number): Tensor;
  sub(other: Tensor | number): Tensor;
  mul(other: Tensor | number): Tensor;
  square(): Tensor;
  sqrt(): Tensor;
  reshape(shape: readonly number[]): Tensor;
  transpose(axes: readonly number[]): Tensor;
  slice(begin: readonly number[], size: readonly number[]): Tensor;
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

/** A network that was exported with its weights. */
export interface GraphModel {
  execute(inputs: Readonly<Record<string, Tensor>>, output: string): Tensor;
  dispose(): void;
}

/** Of a `model.json`, as `io.fromMemory` names its parts. */
export interface ModelArtifacts {
  readonly modelTopology: object;
  readonly weightSpecs: readonly object[];
  readonly weightData: ArrayBuffer;
}

/** Where a model is loaded from. */
export type ModelSource = object;

export interface TensorFlow {
  readonly io: { fromMemory(artifacts: ModelArtifacts): ModelSource };
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
  loadGraphModel(source: ModelSource): Promise<GraphModel>;
  /** There is no uint8: bytes become int32. */
  tensor(
    values: Float32Array | Int32Array | Uint8Array,
    shape: readonly number[],
    kind?: 'float32' | 'int32',
  ): Tensor;
  concat(tensors: readonly Tensor[], axis: number): Tensor;
  randomNormal(
    shape: readonly number[],
    mean: number,
    deviation: number,
    kind: 'float32',
    seed: number,
  ): Tensor;
  split(tensor: Tensor, parts: number, axis: number): Tensor[];
  matMul(a: Tensor, b: Tensor, turnA?: boolean, turnB?: boolean): Tensor;
  /** Frees all tensors made inside but those returned. */
  tidy<Result>(work: () => Result): Result;
  nextFrame(): Promise<void>;
}
