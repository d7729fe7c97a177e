// Nearest neighbours with onnxruntime: ‖b‖² − 2ab + ‖a‖² as one matrix product a block, its minimum taken while
// the block is still in the cache.
import { join } from 'node:path';

import * as ort from 'onnxruntime-node';

import { silentLogger } from '../core/ports/logger.ts';
import type { NearestNeighbours, NearestRows } from '../core/ports/nearest-neighbours.ts';
import { OnnxSessions } from './onnx-sessions.ts';

/** Rows of queries and of the gallery in one product: 4 MB of distances. Larger blocks leave the cache. */
const BLOCK_ROWS = 1024;

export interface OnnxNearestOptions {
  readonly assetsDir: string;
  /** Threads inside one operation; 0 = one per core. */
  readonly threads: number;
}

export class OnnxNearest implements NearestNeighbours {
  readonly #options: OnnxNearestOptions;
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();
  readonly #opener: OnnxSessions;

  constructor(options: OnnxNearestOptions) {
    this.#options = options;
    const { threads } = options;
    this.#opener = new OnnxSessions({ threads, device: 'cpu', logger: silentLogger });
  }

  async nearestRows(
    queries: Float32Array,
    gallery: Float32Array,
    dimensions: number,
    count: number,
  ): Promise<NearestRows> {
    const session = await this.#session('nearest-rows');
    const queryCount = queries.length / dimensions;
    const squares = new Float32Array(queryCount * count);
    const rows = new Int32Array(queryCount * count);
    const dims = [queryCount, count];
    await session.run(
      {
        queries: new ort.Tensor('float32', queries, [queryCount, dimensions]),
        gallery: new ort.Tensor('float32', gallery, [gallery.length / dimensions, dimensions]),
        count: new ort.Tensor('int64', BigInt64Array.of(BigInt(count)), [1]),
      },
      {
        squares: new ort.Tensor('float32', squares, dims),
        rows: new ort.Tensor('int32', rows, dims),
      },
    );
    return { squares, rows };
  }

  async lower(
    best: Float32Array,
    queries: Float32Array,
    gallery: Float32Array,
    { groupCount, dimensions }: { readonly groupCount: number; readonly dimensions: number },
  ): Promise<void> {
    const session = await this.#session('lower-nearest');
    const queryLength = queries.length / groupCount;
    const rowLength = gallery.length / groupCount;
    const blockLength = BLOCK_ROWS * dimensions;
    const tensor = (data: Float32Array, dims: readonly number[]): ort.Tensor =>
      new ort.Tensor('float32', data, [groupCount, ...dims]);
    // Blocks of several groups would not be contiguous: those come whole, and small.
    const isWhole = groupCount > 1;
    const queryStep = isWhole ? queryLength : blockLength;
    const rowStep = isWhole ? rowLength : blockLength;
    for (let first = 0; first < queryLength; first += queryStep) {
      const block = isWhole ? queries : queries.subarray(first, first + queryStep);
      const blockQueries = block.length / groupCount / dimensions;
      const from = first / dimensions;
      const lowest = isWhole ? best : best.subarray(from, from + blockQueries);
      for (let start = 0; start < rowLength; start += rowStep) {
        const rows = isWhole ? gallery : gallery.subarray(start, start + rowStep);
        const { lowered } = await session.run({
          best: tensor(lowest, [1, blockQueries]),
          queries: tensor(block, [blockQueries, dimensions]),
          gallery: tensor(rows, [rows.length / groupCount / dimensions, dimensions]),
        });
        lowest.set(lowered?.data as Float32Array);
      }
    }
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  #session(name: string): Promise<ort.InferenceSession> {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = this.#opener.open(join(this.#options.assetsDir, 'graphs', `${name}.onnx`));
      this.#sessions.set(name, session);
    }
    return session;
  }
}
