// Inference with TensorFlow.js. The backbone is a graph model, written by the same exporter from the same weights as
// the ONNX graph; the matrix work of the method is a few operations each.
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';
import type {
  BatchMoments,
  CovarianceKind,
  Embedding,
  EmbeddingPlan,
  Engine,
  WhitenedGaussian,
} from '../core/ports/engine.ts';
import type { GraphModel, Tensor, TensorFlow } from '../tfjs/tensor-flow.ts';
import { findTfjsGraph, readBackbone } from './backbone-catalogue.ts';
import { readGraphModel } from './tfjs-graph-model.ts';

export interface TfjsEngineOptions {
  readonly tf: TensorFlow;
  /** Where backbones are looked for, in this order. */
  readonly backboneFolders: readonly string[];
}

export class TfjsEngine implements Engine {
  readonly name = 'tfjs';
  readonly #options: TfjsEngineOptions;
  readonly #models = new Map<string, Promise<GraphModel>>();

  constructor(options: TfjsEngineOptions) {
    this.#options = options;
  }

  async embed(plan: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding> {
    const { tf } = this.#options;
    const model = await this.#model(plan);
    const patchCount = plan.grid * plan.grid;
    const dimensions = plan.channels.reduce((sum, list) => sum + list.length, 0);
    const values = await this.#values(() => {
      const frames = pixels.subarray(0, frameCount * FRAME_BYTES);
      const feeds: Record<string, Tensor> = {
        frames: tf.tensor(frames, [frameCount, FRAME_SIDE, FRAME_SIDE, 3], 'int32'),
      };
      plan.channels.forEach((list, stage) => {
        feeds[`select${stage + 1}`] = tf.tensor(list, [list.length], 'int32');
      });
      return model.execute(feeds, 'embedding');
    });
    return { patchCount, frameCount, dimensions, values };
  }

  async appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding> {
    const { tf } = this.#options;
    const { patchCount, frameCount, dimensions } = embedding;
    const values = await this.#values(() => {
      const now = this.#tensorOf(embedding);
      const first = tf.tensor(previous, [patchCount, 1, dimensions]);
      const others = now.slice([0, 0, 0], [patchCount, frameCount - 1, dimensions]);
      return tf.concat([now, now.sub(tf.concat([first, others], 1))], 2);
    });
    return { patchCount, frameCount, dimensions: 2 * dimensions, values };
  }

  async project(embedding: Embedding, matrix: Float32Array): Promise<Embedding> {
    const { tf } = this.#options;
    const { patchCount, frameCount, dimensions } = embedding;
    const kept = matrix.length / dimensions;
    const values = await this.#values(() => {
      const rows = this.#tensorOf(embedding).reshape([patchCount * frameCount, dimensions]);
      return tf.matMul(rows, tf.tensor(matrix, [dimensions, kept]));
    });
    return { patchCount, frameCount, dimensions: kept, values };
  }

  distances(embedding: Embedding, gaussian: WhitenedGaussian): Promise<Float32Array> {
    const { tf } = this.#options;
    const { patchCount, frameCount, dimensions } = embedding;
    return this.#values(() => {
      const offsets = this.#offsets(embedding, gaussian.mean);
      const matrix = [dimensions, dimensions];
      const white =
        gaussian.covariance === 'own'
          ? tf.matMul(offsets, tf.tensor(gaussian.factor, [patchCount, ...matrix]))
          : tf.matMul(
              offsets.reshape([patchCount * frameCount, dimensions]),
              tf.tensor(gaussian.factor, matrix),
            );
      const squares = white.square().reshape([patchCount, frameCount, dimensions]).sum([2]);
      return squares.sqrt().transpose([1, 0]);
    });
  }

  async moments(
    embedding: Embedding,
    shift: Float32Array,
    kind: CovarianceKind,
  ): Promise<BatchMoments> {
    const { tf } = this.#options;
    const { patchCount, frameCount, dimensions } = embedding;
    const sum = await this.#values(() => this.#offsets(embedding, shift).sum([1]));
    const product = await this.#values(() => {
      const offsets = this.#offsets(embedding, shift);
      const rows =
        kind === 'own' ? offsets : offsets.reshape([patchCount * frameCount, dimensions]);
      return tf.matMul(rows, rows, true);
    });
    return { sum, product };
  }

  resizeMaps(
    maps: Float32Array,
    side: number,
    operator: Float32Array,
    outSide: number,
  ): Promise<Float32Array> {
    const { tf } = this.#options;
    const frameCount = maps.length / (side * side);
    return this.#values(() => {
      const by = tf.tensor(operator, [outSide, side]);
      const wide = tf.matMul(tf.tensor(maps, [frameCount * side, side]), by, false, true);
      const turned = wide.reshape([frameCount, side, outSide]).transpose([0, 2, 1]);
      const both = tf.matMul(turned.reshape([frameCount * outSide, side]), by, false, true);
      return both.reshape([frameCount, outSide, outSide]).transpose([0, 2, 1]);
    });
  }

  async close(): Promise<void> {
    const models = [...this.#models.values()];
    this.#models.clear();
    // One that could not be loaded was told to who asked for it.
    for (const model of models) (await model.catch(() => undefined))?.dispose();
  }

  #tensorOf({ patchCount, frameCount, dimensions, values }: Embedding): Tensor {
    return this.#options.tf.tensor(values, [patchCount, frameCount, dimensions]);
  }

  /** Of an embedding from a value a patch and channel: (patch, frame, channel). */
  #offsets(embedding: Embedding, origin: Float32Array): Tensor {
    const { patchCount, dimensions } = embedding;
    const from = this.#options.tf.tensor(origin, [patchCount, 1, dimensions]);
    return this.#tensorOf(embedding).sub(from);
  }

  /** Tensors live outside the garbage collector's reach: none outlives the call. */
  async #values(work: () => Tensor): Promise<Float32Array> {
    const result = this.#options.tf.tidy(work);
    try {
      return await result.data();
    } finally {
      result.dispose();
    }
  }

  #model(plan: EmbeddingPlan): Promise<GraphModel> {
    const key = `${plan.backbone}/${plan.stageCount}/${plan.grid}`;
    let model = this.#models.get(key);
    if (model === undefined) {
      const { tf, backboneFolders } = this.#options;
      model = readBackbone(backboneFolders, plan.backbone).then((backbone) =>
        readGraphModel(tf, findTfjsGraph(backbone, plan.stageCount, plan.grid)),
      );
      this.#models.set(key, model);
      // What was missing may be there when it is asked for again.
      model.catch(() => this.#models.delete(key));
    }
    return model;
  }
}
