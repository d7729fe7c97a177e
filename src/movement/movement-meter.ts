// Measures how a segment moves against what its scene's model knows of movement.
import { ChangedShares } from './changed-shares.ts';
import { oddsOf } from './direction-histogram.ts';
import { NO_EVIDENCE } from './direction-trail.ts';
import { MOST_STEPS, encodeMovement } from './movement-measures.ts';
import type { MovementModel } from './movement-model.ts';
import { NO_DIRECTION, regionDirections } from './region-directions.ts';
import { REGION_COUNT } from './regions.ts';

/** Of an object with two numbers, about. */
const LIMIT_BYTES = 32;

export interface MovingRun {
  /** (context?, frames…) × FRAME_BYTES, rgb24. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
  readonly hasContext: boolean;
  /** (frame, cell, component) as of MotionEstimator; undefined where motion is no cue. */
  readonly flow: Float32Array | undefined;
}

export class MovementMeter {
  readonly #model: MovementModel;
  readonly #changed = new ChangedShares();
  readonly #shares = new Float64Array(REGION_COUNT);
  readonly #directions = new Uint8Array(REGION_COUNT);
  readonly #odds = new Float64Array(MOST_STEPS * REGION_COUNT);

  constructor(model: MovementModel) {
    this.#model = model;
  }

  /** Memory of the scene's own. */
  get sizeBytes(): number {
    const { directions, limits } = this.#model;
    return (
      this.#changed.sizeBytes +
      this.#shares.byteLength +
      this.#odds.byteLength +
      (directions?.odds.byteLength ?? 0) +
      limits.length * LIMIT_BYTES
    );
  }

  /** @returns a flat list (movement-measures.ts); undefined where the model knows nothing to hold it against */
  measure(run: MovingRun): number[] | undefined {
    const { directions, limits } = this.#model;
    const knowsDirections = directions !== undefined && run.flow !== undefined;
    if (!knowsDirections && limits.length === 0) return undefined;
    const stepCount = knowsDirections ? Math.min(MOST_STEPS, run.frameCount) : 0;
    this.#follow(run, stepCount);
    return encodeMovement({
      shares: limits.length > 0 ? this.#changedShares(run) : undefined,
      odds: this.#odds.subarray(0, stepCount * REGION_COUNT),
      stepCount,
      directionThreshold: knowsDirections ? directions.threshold : undefined,
      limits,
    });
  }

  #changedShares({ pixels, frameCount, hasContext }: MovingRun): Float64Array | undefined {
    const comparedCount = hasContext ? frameCount : frameCount - 1;
    if (comparedCount === 0) return undefined;
    this.#shares.fill(0);
    this.#changed.start(pixels, 0);
    for (let frame = 1; frame <= comparedCount; frame++) {
      this.#changed.add(pixels, frame, this.#shares);
    }
    for (let region = 0; region < REGION_COUNT; region++) {
      this.#shares[region] = (this.#shares[region] ?? 0) / comparedCount;
    }
    return this.#shares;
  }

  /** Sums of what speaks against the directions of a step's frames, over their number. */
  #follow({ flow, frameCount }: MovingRun, stepCount: number): void {
    const odds = this.#model.directions?.odds;
    this.#odds.fill(NO_EVIDENCE);
    if (flow === undefined || odds === undefined || stepCount === 0) return;
    const frameLength = flow.length / frameCount;
    const side = Math.sqrt(frameLength / 2);
    for (let frame = 0; frame < frameCount; frame++) {
      const step = Math.floor((frame * stepCount) / frameCount);
      const stepFrames = framesIn(step, stepCount, frameCount);
      regionDirections(flow, frame * frameLength, side, this.#directions, 0);
      for (let region = 0; region < REGION_COUNT; region++) {
        const direction = this.#directions[region] ?? NO_DIRECTION;
        if (direction === NO_DIRECTION) continue;
        const at = step * REGION_COUNT + region;
        const sum = this.#odds[at] ?? NO_EVIDENCE;
        this.#odds[at] =
          (Number.isNaN(sum) ? 0 : sum) + oddsOf(odds, region, direction) / stepFrames;
      }
    }
  }
}

const framesIn = (step: number, stepCount: number, frameCount: number): number =>
  Math.ceil(((step + 1) * frameCount) / stepCount) - Math.ceil((step * frameCount) / stepCount);
