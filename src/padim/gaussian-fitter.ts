// Learns one Gaussian field from batches of embeddings, in constant memory.
import { PatchwatchError } from '../core/errors.ts';
import type { StatisticsState } from '../core/fit-state.ts';
import type { CovarianceKind, Embedding, Engine } from '../core/ports/engine.ts';
import { EmbeddingBuffer } from './embedding-buffer.ts';
import { EmbeddingStatistics } from './embedding-statistics.ts';

/** Takes 105 MB for the paper's 64 × 64 patches of 100 channels. */
const BUFFERED_FRAMES = 64;

/** Mean over the frames of a batch, (patch, channel): close enough to the scene's to sum about. */
const meanOfBatch = (embedding: Embedding): Float32Array => {
  const { patchCount, frameCount, dimensions, values } = embedding;
  const mean = new Float32Array(patchCount * dimensions);
  for (let patch = 0; patch < patchCount; patch++) {
    const to = patch * dimensions;
    for (let frame = 0; frame < frameCount; frame++) {
      const from = (patch * frameCount + frame) * dimensions;
      for (let channel = 0; channel < dimensions; channel++) {
        mean[to + channel]! += values[from + channel]! / frameCount;
      }
    }
  }
  return mean;
};

export class GaussianFitter {
  readonly #engine: Engine;
  readonly #kind: CovarianceKind;
  #statistics: EmbeddingStatistics | undefined;
  #shift: Float32Array | undefined;

  /** Own covariances only: a shared one is as quick for few frames. */
  readonly #buffer: EmbeddingBuffer | undefined;

  constructor(engine: Engine, kind: CovarianceKind) {
    this.#engine = engine;
    this.#kind = kind;
    this.#buffer = kind === 'own' ? new EmbeddingBuffer(BUFFERED_FRAMES) : undefined;
  }

  /** What was learnt up to the last `flush`, to be taken up by another fitter; undefined when that is nothing. */
  state(): StatisticsState | undefined {
    return this.#statistics?.state();
  }

  /** Goes on from there. @throws RangeError for damaged numbers */
  restore(state: StatisticsState): void {
    this.#statistics = EmbeddingStatistics.of(state);
    this.#shift = state.shift;
  }

  async add(embedding: Embedding): Promise<void> {
    const buffer = this.#buffer;
    if (buffer === undefined) return this.#learn(embedding);
    for (let first = 0; first < embedding.frameCount;) {
      first += buffer.take(embedding, first);
      if (buffer.isFull) await this.#learn(buffer.drain());
    }
  }

  /** Learns what is buffered; before statistics, state or merging are asked for. */
  async flush(): Promise<void> {
    if (this.#buffer?.isEmpty === false) await this.#learn(this.#buffer.drain());
    this.#buffer?.release();
  }

  async #learn(embedding: Embedding): Promise<void> {
    const { patchCount, frameCount, dimensions } = embedding;
    this.#shift ??= meanOfBatch(embedding);
    this.#statistics ??= new EmbeddingStatistics({
      kind: this.#kind,
      patchCount,
      dimensions,
      shift: this.#shift,
    });
    const moments = await this.#engine.moments(embedding, this.#shift, this.#kind);
    this.#statistics.add(moments, frameCount);
  }

  /** Adds what another fitter of the same scene learnt; the other must not be used after. */
  merge(other: GaussianFitter): void {
    if (other.#statistics === undefined) return;
    if (this.#statistics === undefined) {
      this.#statistics = other.#statistics;
      this.#shift = other.#shift;
    } else this.#statistics.merge(other.#statistics);
  }

  /** @throws PatchwatchError FOOTAGE_TOO_SHORT */
  get statistics(): EmbeddingStatistics {
    if (this.#buffer?.isEmpty === false) throw new RangeError('frames wait to be flushed');
    if (this.#statistics !== undefined) return this.#statistics;
    throw new PatchwatchError('FOOTAGE_TOO_SHORT', 'no frame to fit: the footage is empty');
  }
}
