// The variational autoencoder of PaDiM's comparison: it learns to draw normal frames from 8 × 8 latent cells, and
// what it draws badly is odd. Trained with TensorFlow.js, on a GPU if it is to end today.
import { PatchwatchError } from '../core/errors.ts';
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';
import { mapOperator } from '../padim/maths/map-operator.ts';
import { seededRandom } from '../padim/maths/random.ts';
import type { RivalScorer, RivalScores } from './rival-scorer.ts';
import type { Tensor, TensorFlow } from '../tfjs/tensor-flow.ts';
import { assertRoom } from './training-room.ts';
import { buildVae, type VaeNetworks } from './vae-network.ts';

/** As the other methods' maps are filtered. */
const MAP_SIGMA = 4;
/** 16,384 frames. */
const MEMORY_BYTES = 3 * 1024 ** 3;

export interface VaeScorerOptions {
  readonly tf: TensorFlow;
  readonly seed: number;
  /** 100 as published. */
  readonly epochs?: number;
  readonly batchFrames?: number;
  readonly learningRate?: number;
  /** Channels of ResNet-18's first stage. */
  readonly width?: number;
  readonly latentChannels?: number;
  /** What the kept training frames may take. */
  readonly memoryBytes?: number;
  /** After each epoch, counted from 1: its mean loss a frame. */
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

const DEFAULTS = {
  epochs: 100,
  batchFrames: 32,
  learningRate: 1e-4,
  width: 64,
  latentChannels: 16,
  memoryBytes: MEMORY_BYTES,
};

/** All (frame, …). */
interface Reconstruction {
  /** (frame, row, column): squared error, colours added up. */
  readonly error: Tensor;
  /** (frame): −log p(x|z), a Gaussian of variance 1 about the reconstruction, plus KL(q(z|x) ‖ N(0, 1)). */
  readonly loss: Tensor;
}

export class VaeScorer implements RivalScorer {
  readonly mapSide = FRAME_SIDE;
  readonly #options: typeof DEFAULTS & VaeScorerOptions;
  #frames: Uint8Array[] = [];
  #networks: VaeNetworks | undefined;
  #operator: Tensor | undefined;

  constructor(options: VaeScorerOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  get modelBytes(): number {
    const { encoder, decoder } = this.#trained();
    return (encoder.countParams() + decoder.countParams()) * 4;
  }

  addTraining(pixels: Uint8Array, frameCount: number): void {
    assertRoom({
      method: 'the VAE',
      frameCount: this.#frames.length + frameCount,
      frameBytes: FRAME_BYTES,
      memoryBytes: this.#options.memoryBytes,
    });
    for (let frame = 0; frame < frameCount; frame++) {
      this.#frames.push(pixels.slice(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES));
    }
  }

  async finish(): Promise<void> {
    const { tf, seed, epochs, learningRate, onEpoch } = this.#options;
    if (this.#frames.length === 0) {
      throw new PatchwatchError('FOOTAGE_TOO_SHORT', 'no frame to fit: the footage is empty');
    }
    const networks = buildVae(tf, { ...this.#options, frameSide: FRAME_SIDE });
    this.#networks = networks;
    const optimizer = tf.train.adam(learningRate);
    const random = seededRandom(seed);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = await this.#trainEpoch(networks, optimizer, random);
      if (!Number.isFinite(loss)) {
        throw new PatchwatchError(
          'NUMBERS_NOT_FINITE',
          `the VAE's loss is ${loss} after epoch ${epoch}: train with another seed`,
        );
      }
      onEpoch?.(epoch, loss);
    }
    optimizer.dispose();
    this.#frames = [];
    const operator = mapOperator(FRAME_SIDE, FRAME_SIDE, MAP_SIGMA);
    this.#operator = tf.tensor(operator, [1, FRAME_SIDE, FRAME_SIDE]);
  }

  async score(pixels: Uint8Array, frameCount: number): Promise<RivalScores> {
    const { tf } = this.#options;
    const networks = this.#trained();
    const operator = this.#operator;
    if (operator === undefined) throw new RangeError('the VAE is scored with before `finish`');
    const frames = Array.from({ length: frameCount }, (_, frame) =>
      pixels.subarray(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES),
    );
    const [maps, scores] = tf.tidy((): [Tensor, Tensor] => {
      const { error, loss } = this.#reconstruct(networks, frames, undefined);
      const tall = tf.matMul(operator, error, false, false);
      return [tf.matMul(tall, operator, false, true), loss];
    });
    try {
      return { maps: await maps.data(), scores: await scores.data() };
    } finally {
      maps.dispose();
      scores.dispose();
    }
  }

  close(): Promise<void> {
    this.#networks?.encoder.dispose();
    this.#networks?.decoder.dispose();
    this.#operator?.dispose();
    this.#networks = undefined;
    this.#operator = undefined;
    this.#frames = [];
    return Promise.resolve();
  }

  #trained(): VaeNetworks {
    if (this.#networks === undefined) throw new RangeError('the VAE was not trained');
    return this.#networks;
  }

  /** @returns the mean loss a frame */
  async #trainEpoch(
    networks: VaeNetworks,
    optimizer: ReturnType<TensorFlow['train']['adam']>,
    random: () => number,
  ): Promise<number> {
    const { tf, batchFrames } = this.#options;
    const order = shuffled(this.#frames, random);
    let sum = 0;
    for (let first = 0; first < order.length; first += batchFrames) {
      const frames = order.slice(first, first + batchFrames);
      const noiseSeed = Math.floor(random() * 2 ** 31);
      const cost = optimizer.minimize(
        () => this.#reconstruct(networks, frames, noiseSeed).loss.mean(),
        true,
      );
      sum += ((await cost?.data())?.[0] ?? NaN) * frames.length;
      cost?.dispose();
      // A step blocks the thread; signals are heard between steps.
      await tf.nextFrame();
    }
    return sum / order.length;
  }

  /** In training (with a noise seed) z is drawn from q(z|x); in scoring it is the mean, so that scores repeat. */
  #reconstruct(
    { encoder, decoder }: VaeNetworks,
    frames: readonly Uint8Array[],
    noiseSeed: number | undefined,
  ): Reconstruction {
    const { tf } = this.#options;
    const training = noiseSeed !== undefined;
    const x = tf.tensor(unitPixels(frames), [frames.length, FRAME_SIDE, FRAME_SIDE, 3]);
    const [mean, unbounded] = tf.split(encoder.apply(x, { training }), 2, 3);
    if (mean === undefined || unbounded === undefined) throw new RangeError('no latent');
    // Far outside of what training leads to: only so that a frame like none before has a finite score.
    const logVariance = unbounded.clipByValue(-30, 20);
    const z = training
      ? tf
          .randomNormal(mean.shape, 0, 1, 'float32', noiseSeed)
          .mul(logVariance.mul(0.5).exp())
          .add(mean)
      : mean;
    const error = decoder.apply(z, { training }).sub(x).square().sum([3]);
    const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum([1, 2, 3]);
    return { error, loss: error.sum([1, 2]).add(divergence).mul(0.5) };
  }
}

const unitPixels = (frames: readonly Uint8Array[]): Float32Array => {
  const values = new Float32Array(frames.length * FRAME_BYTES);
  frames.forEach((frame, index) => {
    const start = index * FRAME_BYTES;
    for (let at = 0; at < FRAME_BYTES; at++) values[start + at] = frame[at]! / 255;
  });
  return values;
};

/** Fisher–Yates, on a copy. */
const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] => {
  const order = [...items];
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
};
