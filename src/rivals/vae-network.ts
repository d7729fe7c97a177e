// The networks of the VAE: ResNet-18 (He et al., arXiv 1512.03385) without its head, down to an 8 × 8 latent with a
// mean and a log variance a value, and a decoder of as many halvings back up.
import type { Network, SymbolicTensor, TensorFlow } from '../tfjs/tensor-flow.ts';

/** As torchvision's ResNet: what a running mean forgets a step, and what keeps a division from 0. */
const NORMALISATION = { momentum: 0.9, epsilon: 1e-5 };

export interface VaeNetworkOptions {
  readonly frameSide: number;
  /** Channels of the first stage: 64 in ResNet-18; twice as many in each stage after. */
  readonly width: number;
  readonly latentChannels: number;
  readonly seed: number;
}

export interface VaeNetworks {
  /** (frame, side, side, 3) -> (frame, side / 32, side / 32, 2 × latent): means, then log variances. */
  readonly encoder: Network;
  /** (frame, side / 32, side / 32, latent) -> (frame, side, side, 3), 0 to 1. */
  readonly decoder: Network;
}

export const buildVae = (tf: TensorFlow, options: VaeNetworkOptions): VaeNetworks => {
  const { frameSide, width, latentChannels } = options;
  const layers = new SeededLayers(tf, options.seed);
  const picture = tf.input({ shape: [frameSide, frameSide, 3] });
  let x = layers.convolve(picture, width, 7, 2);
  x = tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x);
  for (const [stage, factor] of [1, 2, 4, 8].entries()) {
    x = layers.residual(x, factor * width, stage === 0 ? 1 : 2);
    x = layers.residual(x, factor * width, 1);
  }
  const encoder = tf.model({ inputs: picture, outputs: layers.plain(x, 2 * latentChannels, 1) });

  const latent = tf.input({ shape: [frameSide / 32, frameSide / 32, latentChannels] });
  let y = layers.convolve(latent, 8 * width, 3, 1);
  for (const factor of [4, 2, 1, 1, 0.5]) y = layers.enlarge(y, Math.ceil(factor * width));
  const decoder = tf.model({ inputs: latent, outputs: layers.plain(y, 3, 3, 'sigmoid') });
  return { encoder, decoder };
};

/** Layers whose weights start from a sequence of seeds. */
class SeededLayers {
  readonly #tf: TensorFlow;
  #seed: number;

  constructor(tf: TensorFlow, seed: number) {
    this.#tf = tf;
    this.#seed = seed * 1_000;
  }

  /** Convolution, normalisation, ReLU. */
  convolve(
    x: SymbolicTensor,
    filters: number,
    kernelSize: number,
    strides: number,
  ): SymbolicTensor {
    return this.#tf.layers.reLU().apply(this.#normalised(x, filters, kernelSize, strides));
  }

  /** A basic block; its shortcut is a convolution where the shape changes. */
  residual(x: SymbolicTensor, filters: number, strides: number): SymbolicTensor {
    const inner = this.#normalised(this.convolve(x, filters, 3, strides), filters, 3, 1);
    const isSame = strides === 1 && x.shape.at(-1) === filters;
    const shortcut = isSame ? x : this.#normalised(this.#every(x, strides), filters, 1, 1);
    return this.#tf.layers.reLU().apply(this.#tf.layers.add().apply([inner, shortcut]));
  }

  /**
   * Every nth row and column, before a 1 × 1 convolution rather than as its stride: TensorFlow 2.18 on a processor
   * writes outside its memory when it trains a strided one of few channels.
   */
  #every(x: SymbolicTensor, strides: number): SymbolicTensor {
    if (strides === 1) return x;
    const options = { poolSize: 1, strides, padding: 'same' } as const;
    return this.#tf.layers.maxPooling2d(options).apply(x);
  }

  /** Twice the side. */
  enlarge(x: SymbolicTensor, filters: number): SymbolicTensor {
    const { layers } = this.#tf;
    const large = layers
      .conv2dTranspose({ ...this.#kernel(filters, 4), strides: 2, useBias: false })
      .apply(x);
    return layers.reLU().apply(layers.batchNormalization(NORMALISATION).apply(large));
  }

  /** The last layer of a network. */
  plain(
    x: SymbolicTensor,
    filters: number,
    kernelSize: number,
    activation?: 'sigmoid',
  ): SymbolicTensor {
    const kernel = this.#kernel(filters, kernelSize);
    const options = activation === undefined ? kernel : { ...kernel, activation };
    return this.#tf.layers.conv2d({ ...options, useBias: true }).apply(x);
  }

  #normalised(
    x: SymbolicTensor,
    filters: number,
    kernelSize: number,
    strides: number,
  ): SymbolicTensor {
    const { layers } = this.#tf;
    const options = { ...this.#kernel(filters, kernelSize), strides, useBias: false };
    return layers.batchNormalization(NORMALISATION).apply(layers.conv2d(options).apply(x));
  }

  #kernel(filters: number, kernelSize: number) {
    this.#seed += 1;
    const kernelInitializer = this.#tf.initializers.heNormal({ seed: this.#seed });
    return { filters, kernelSize, padding: 'same', kernelInitializer } as const;
  }
}
