// Learns how a scene moves: how little there ever is where it always moves, and in which directions. Looks at every
// frame, stills too: what stands still now and then must be known to.
import { singleArray, type ModelPart } from '../core/model-part.ts';
import type { LearnedBatch, PartLearner } from '../core/ports/part-learner.ts';
import { ChangedShares } from './changed-shares.ts';
import { BIN_COUNT, HISTOGRAM_LENGTH } from './direction-histogram.ts';
import { DirectionLearner } from './direction-learner.ts';
import { movementPart } from './movement-model.ts';
import { WINDOWS } from './movement-windows.ts';
import { regionDirections } from './region-directions.ts';
import { REGION_COUNT } from './regions.ts';
import { SPANS } from './running-shares.ts';
import type { SharedFlow } from './shared-flow.ts';
import { LIMIT_COUNT, StillnessLearner } from './stillness-learner.ts';

const LIMITS_SHAPE = [SPANS.length, WINDOWS.length];

export interface MovementLearnerOptions {
  /** Undefined where motion is no cue: directions are then not learnt. */
  readonly flow: SharedFlow | undefined;
  /** Frames further apart than this do not follow each other. */
  readonly gapMs: number;
}

export class MovementLearner implements PartLearner {
  readonly name = 'movement';
  readonly #options: MovementLearnerOptions;
  readonly #changed = new ChangedShares();
  readonly #stillness = new StillnessLearner();
  readonly #directions = new DirectionLearner();
  readonly #shares = new Float64Array(REGION_COUNT);
  readonly #ofRegions = new Uint8Array(REGION_COUNT);
  #flow = new Float32Array(0);
  #lastMs: number | undefined;

  constructor(options: MovementLearnerOptions) {
    this.#options = options;
  }

  async add({ pixels, hasContext, timesMs }: LearnedBatch): Promise<void> {
    const comparedCount = timesMs.length - (hasContext ? 0 : 1);
    if (!hasContext) this.#lastMs = undefined;
    const times = hasContext ? timesMs : timesMs.slice(1);
    const { flow } = this.#options;
    const frameLength = (flow === undefined ? 0 : flow.grid ** 2) * 2;
    if (flow !== undefined && comparedCount > 0) {
      if (this.#flow.length < comparedCount * frameLength) {
        this.#flow = new Float32Array(comparedCount * frameLength);
      }
      await flow.share(pixels, comparedCount, this.#flow);
    }
    this.#lastMs = hasContext ? this.#lastMs : timesMs[0];
    this.#changed.start(pixels, 0);
    times.forEach((timeMs, index) => {
      const seconds = this.#secondsTo(timeMs);
      this.#shares.fill(0);
      this.#changed.add(pixels, index + 1, this.#shares);
      if (seconds === undefined) return;
      this.#stillness.add(this.#shares, seconds);
      if (flow === undefined) return;
      regionDirections(this.#flow, index * frameLength, flow.grid, this.#ofRegions, 0);
      this.#directions.add(this.#ofRegions, seconds);
    });
  }

  finish(): ModelPart | undefined {
    this.#options.flow?.forget();
    const directions = this.#directions.finish();
    const limits = this.#stillness.finish();
    if (directions === undefined && limits.every((limit) => limit === 0)) return undefined;
    return movementPart(directions, limits);
  }

  state(): ModelPart {
    const { counts, means, squares, lowest } = this.#stillness.state();
    const peaks = this.#directions.peaks();
    return {
      numbers: { peaks: peaks.length },
      arrays: {
        counts: singleArray([SPANS.length], counts),
        means: singleArray(LIMITS_SHAPE, means),
        squares: singleArray(LIMITS_SHAPE, squares),
        lowest: singleArray(LIMITS_SHAPE, lowest),
        histogram: singleArray([REGION_COUNT, BIN_COUNT], this.#directions.histogram()),
        // Never empty: files hold no arrays of nothing.
        peaks: singleArray([peaks.length + 1], Float32Array.of(...peaks, 0)),
      },
    };
  }

  restore({ numbers, arrays }: ModelPart): void {
    const valuesOf = (name: string, length?: number): Float32Array => {
      const values = arrays[name]?.values;
      if (values === undefined || (length !== undefined && values.length !== length)) {
        throw new RangeError(`what was learnt of movement has no ${name}`);
      }
      return values;
    };
    this.#stillness.restore({
      counts: valuesOf('counts', SPANS.length),
      means: valuesOf('means', LIMIT_COUNT),
      squares: valuesOf('squares', LIMIT_COUNT),
      lowest: valuesOf('lowest', LIMIT_COUNT),
    });
    const peaks = valuesOf('peaks').subarray(0, numbers['peaks'] ?? 0);
    this.#directions.restore(valuesOf('histogram', HISTOGRAM_LENGTH), peaks);
  }

  /** Undefined where the frame does not follow the last. */
  #secondsTo(timeMs: number): number | undefined {
    const elapsed = timeMs - (this.#lastMs ?? NaN);
    this.#lastMs = timeMs;
    if (elapsed > 0 && elapsed <= this.#options.gapMs) return elapsed / 1_000;
    this.#stillness.breakOff();
    this.#directions.breakOff();
    return undefined;
  }
}
