// Inference with onnxruntime. The graphs are small and fixed (assets/graphs, assets/backbones); the
// numbers of a scene enter as inputs, so one session serves every camera. Outputs are written into
// memory that the engine keeps, so a steady stream of batches allocates nothing.
import { join } from 'node:path';

import * as ort from 'onnxruntime-node';

import type { EngineDevice, Precision } from '../core/engine-setting.ts';
import type {
  BatchMoments,
  CovarianceKind,
  Embedding,
  EmbeddingPlan,
  Engine,
  WhitenedGaussian,
} from '../core/ports/engine.ts';
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';
import { silentLogger, type Logger } from '../core/ports/logger.ts';
import { findGraph, readBackbone, readGraph } from './backbone-catalogue.ts';
import { OnnxSessions } from './onnx-sessions.ts';

export interface OnnxEngineOptions {
  readonly assetsDir: string;
  /** Where backbones are looked for, in this order; those that ship when left out. */
  readonly backboneFolders?: readonly string[];
  /** Threads inside one operation; 0 = one per core. */
  readonly threads: number;
  /** Of the backbone, where it comes in several. */
  readonly precision?: Precision;
  /** The processor when left out. */
  readonly device?: EngineDevice;
  /** Told when the device can't be had. */
  readonly logger?: Logger;
}

const float32 = (data: Float32Array, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', data, dims);

export class OnnxEngine implements Engine {
  readonly name = 'onnx';
  readonly #options: OnnxEngineOptions;
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();
  readonly #outputs = new Map<string, Float32Array>();
  readonly #opener: OnnxSessions;

  constructor(options: OnnxEngineOptions) {
    this.#options = options;
    const { threads, device = 'cpu', logger = silentLogger } = options;
    this.#opener = new OnnxSessions({ threads, device, logger });
  }

  /** The embedding's values are valid until the next `embed`. */
  async embed(plan: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding> {
    const session = await this.#backboneSession(plan);
    const patchCount = plan.grid * plan.grid;
    const dimensions = plan.channels.reduce((sum, list) => sum + list.length, 0);
    const feeds: Record<string, ort.Tensor> = {
      frames: new ort.Tensor('uint8', pixels.subarray(0, frameCount * FRAME_BYTES), [
        frameCount,
        FRAME_SIDE,
        FRAME_SIDE,
        3,
      ]),
    };
    plan.channels.forEach((list, stage) => {
      feeds[`select${stage + 1}`] = new ort.Tensor('int64', BigInt64Array.from(list, BigInt), [
        list.length,
      ]);
    });
    const dims = [patchCount, frameCount, dimensions];
    const values = this.#output('embedding', dims);
    await session.run(feeds, { embedding: float32(values, dims) });
    return { patchCount, frameCount, dimensions, values };
  }

  /** The result is valid until the next `appendChange`. */
  async appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding> {
    const { patchCount, frameCount, dimensions } = embedding;
    const session = await this.#graphSession('append-change');
    const dims = [patchCount, frameCount, 2 * dimensions];
    const values = this.#output('appended', dims);
    await session.run(
      {
        embedding: float32(embedding.values, [patchCount, frameCount, dimensions]),
        previous: float32(previous, [patchCount, 1, dimensions]),
      },
      { appended: float32(values, dims) },
    );
    return { patchCount, frameCount, dimensions: 2 * dimensions, values };
  }

  /** The result is valid until the next `project`. */
  async project(embedding: Embedding, matrix: Float32Array): Promise<Embedding> {
    const { patchCount, frameCount, dimensions } = embedding;
    const session = await this.#graphSession('project');
    const kept = matrix.length / dimensions;
    const dims = [patchCount, frameCount, kept];
    const values = this.#output('projected', dims);
    await session.run(
      {
        embedding: float32(embedding.values, [patchCount, frameCount, dimensions]),
        matrix: float32(matrix, [dimensions, kept]),
      },
      { projected: float32(values, dims) },
    );
    return { patchCount, frameCount, dimensions: kept, values };
  }

  /** The distances are valid until the next `distances`. */
  async distances(embedding: Embedding, gaussian: WhitenedGaussian): Promise<Float32Array> {
    const { patchCount, frameCount, dimensions } = embedding;
    const session = await this.#graphSession(`whiten-${gaussian.covariance}`);
    const factorDims =
      gaussian.covariance === 'own'
        ? [patchCount, dimensions, dimensions]
        : [dimensions, dimensions];
    const dims = [frameCount, patchCount];
    const distance = this.#output('distance', dims);
    await session.run(
      {
        embedding: float32(embedding.values, [patchCount, frameCount, dimensions]),
        mean: float32(gaussian.mean, [patchCount, 1, dimensions]),
        factor: float32(gaussian.factor, factorDims),
      },
      { distance: float32(distance, dims) },
    );
    return distance;
  }

  /** The moments are valid until the next `moments`. */
  async moments(
    embedding: Embedding,
    shift: Float32Array,
    kind: CovarianceKind,
  ): Promise<BatchMoments> {
    const { patchCount, frameCount, dimensions } = embedding;
    const session = await this.#graphSession(`comoment-${kind}`);
    const productDims =
      kind === 'own' ? [patchCount, dimensions, dimensions] : [dimensions, dimensions];
    const sum = this.#output('sum', [patchCount, dimensions]);
    const product = this.#output('product', productDims);
    await session.run(
      {
        embedding: float32(embedding.values, [patchCount, frameCount, dimensions]),
        shift: float32(shift, [patchCount, 1, dimensions]),
      },
      { sum: float32(sum, [patchCount, dimensions]), product: float32(product, productDims) },
    );
    return { sum, product };
  }

  /** The maps are valid until the next `resizeMaps`. */
  async resizeMaps(
    maps: Float32Array,
    side: number,
    operator: Float32Array,
    outSide: number,
  ): Promise<Float32Array> {
    const frameCount = maps.length / (side * side);
    const session = await this.#graphSession('separable-map');
    const dims = [frameCount, outSide, outSide];
    const resized = this.#output(`resized ${outSide}`, dims);
    await session.run(
      {
        map: float32(maps, [frameCount, side, side]),
        operator: float32(operator, [outSide, side]),
      },
      { resized: float32(resized, dims) },
    );
    return resized;
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#outputs.clear();
    // One that could not be opened was told to who asked for it.
    for (const session of sessions) await (await session.catch(() => undefined))?.release();
  }

  /** Memory for an output, kept by name and grown when a batch is larger than any before. */
  #output(name: string, dims: readonly number[]): Float32Array {
    const length = dims.reduce((product, dim) => product * dim, 1);
    let memory = this.#outputs.get(name);
    if (memory === undefined || memory.length < length) {
      memory = new Float32Array(length);
      this.#outputs.set(name, memory);
    }
    return memory.subarray(0, length);
  }

  #backboneSession(plan: EmbeddingPlan): Promise<ort.InferenceSession> {
    return this.#session(`${plan.backbone}/${plan.stageCount}/${plan.grid}`, async () => {
      const {
        assetsDir,
        backboneFolders = [join(assetsDir, 'backbones')],
        precision = 'float32',
      } = this.#options;
      const backbone = await readBackbone(backboneFolders, plan.backbone);
      return readGraph(findGraph(backbone, { ...plan, precision }));
    });
  }

  #graphSession(name: string): Promise<ort.InferenceSession> {
    return this.#session(name, () =>
      Promise.resolve(join(this.#options.assetsDir, 'graphs', `${name}.onnx`)),
    );
  }

  #session(key: string, load: () => Promise<Uint8Array | string>): Promise<ort.InferenceSession> {
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = load().then((graph) => this.#opener.open(graph));
      this.#sessions.set(key, session);
      // What was missing may be there when it is asked for again.
      session.catch(() => this.#sessions.delete(key));
    }
    return session;
  }
}
