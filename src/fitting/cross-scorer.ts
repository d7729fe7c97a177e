// Scores the held-out stretches of each half by what the other half learnt, as `run` would: what normal frames that
// a model never saw score.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Point } from '../core/place.ts';
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { CueScale, SceneGaussians } from '../core/scene-gaussians.ts';
import { CueScales } from '../padim/cue-scales.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { cellCentre, peakOf } from '../reading/map-peak.ts';
import { MapSmoother } from '../reading/map-smoother.ts';
import { coverageShare, type Coverage } from './coverage.ts';
import type { FrameSpool } from './frame-spool.ts';
import type { Half } from './stretches.ts';

/** Stretches of each half that tell how its cues are scaled, and how much of what is normal it knows. */
const SAMPLED_STRETCHES = 10;

export interface CrossScorerOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly motion: MotionEstimator;
  /** The scene's mean picture, rgb24. */
  readonly reference: Uint8Array;
  readonly spool: FrameSpool;
  /** Frames scored at once; bounds the memory. */
  readonly batchFrames: number;
  readonly smoothing: number;
  /** Cells that don't count (core/ignore-mask.ts). */
  readonly isIgnored: Uint8Array | undefined;
}

export type CueScalePair = readonly [CueScale, CueScale];

/** A frame's largest score and the cell it lies in. */
interface Peak {
  readonly score: number;
  readonly cell: number;
}

export class CrossScorer {
  readonly #options: CrossScorerOptions;

  constructor(options: CrossScorerOptions) {
    this.#options = options;
  }

  /**
   * How what one half learnt scores the other half's cues; undefined where there is one cue.
   *
   * @param earlier taken where the other half has no stretch to tell
   */
  async scales(
    half: Half,
    gaussians: SceneGaussians,
    earlier: CueScalePair | undefined,
  ): Promise<SceneGaussians['scales']> {
    if (gaussians.motion === undefined) return undefined;
    const slots = this.#sampled(half === 0 ? 1 : 0);
    if (slots.length === 0 && earlier !== undefined) return earlier;
    const scorer = new SceneScorer({ ...this.#options, gaussians });
    const scales = new CueScales();
    for (const slot of slots) {
      for await (const run of this.#runsOf(slot)) scales.add(await scorer.cueMaps(run));
    }
    return scales.finish();
  }

  /** Scores of all held-out frames, one list a stretch, and how well each half is covered by the other. */
  async score(halves: readonly [SceneGaussians, SceneGaussians]): Promise<{
    readonly stretches: readonly Float64Array[];
    readonly coverage: Coverage;
  }> {
    const stretches: Float64Array[] = [];
    const samples: { learnt: Float64Array; heldOut: Float64Array }[] = [];
    let newest: Peak = { score: -Infinity, cell: 0 };
    for (const half of [0, 1] as const) {
      const other = half === 0 ? 1 : 0;
      const peaks = await this.#peaksOf(this.#slotsOf(half), halves[other]);
      newest = peaks.flat().reduce((a, b) => (b.score > a.score ? b : a), newest);
      const scores = peaks.map((list) => Float64Array.from(list, ({ score }) => score));
      stretches.push(...scores);
      const learnt = await this.#peaksOf(this.#sampled(other), halves[other]);
      samples.push({
        learnt: Float64Array.from(learnt.flat(), ({ score }) => score),
        heldOut: Float64Array.from(scores.flatMap((list) => [...list])),
      });
    }
    const newestAt: Point = cellCentre(Math.max(0, newest.cell), this.#options.profile.map.side);
    return { stretches, coverage: { share: coverageShare(samples), newestAt } };
  }

  /** The peak of every frame of the slots, smoothed over time: one list a slot. */
  async #peaksOf(
    slots: readonly number[],
    gaussians: SceneGaussians,
  ): Promise<readonly (readonly Peak[])[]> {
    const { smoothing, isIgnored } = this.#options;
    const scorer = new SceneScorer({ ...this.#options, gaussians });
    const cellCount = scorer.mapSide * scorer.mapSide;
    const smoother = new MapSmoother({ weight: smoothing, cellCount });
    const stretches: Peak[][] = [];
    for (const slot of slots) {
      smoother.reset();
      const peaks: Peak[] = [];
      for await (const run of this.#runsOf(slot)) {
        const maps = await scorer.score(run);
        for (let index = 0; index < run.frameCount; index++) {
          const map = maps.subarray(index * cellCount, (index + 1) * cellCount);
          peaks.push(peakOf(smoother.smooth(map), isIgnored));
        }
      }
      stretches.push(peaks);
    }
    return stretches;
  }

  #slotsOf(half: Half): readonly number[] {
    return [...this.#options.spool.slots.keys()].filter(
      (slot) => this.#options.spool.slots[slot]?.half === half,
    );
  }

  #sampled(half: Half): readonly number[] {
    const slots = this.#slotsOf(half);
    const step = Math.max(1, Math.floor(slots.length / SAMPLED_STRETCHES));
    return slots.filter((_, index) => index % step === 0);
  }

  /** A slot's frames in batches, each valid until the next. */
  async *#runsOf(slot: number): AsyncGenerator<FrameRun> {
    const { spool, batchFrames } = this.#options;
    const frames = spool.slots[slot]?.frameCount ?? 0;
    const memory = new Uint8Array((Math.min(batchFrames, frames) + 1) * FRAME_BYTES);
    for (let first = 0; first < frames; first += batchFrames) {
      const before = first === 0 ? 0 : 1;
      const frameCount = Math.min(batchFrames, frames - first);
      const pixels = memory.subarray(0, (frameCount + before) * FRAME_BYTES);
      await spool.read(slot, first - before, pixels);
      yield { pixels, frameCount, context: first === 0 ? 'none' : 'seen' };
    }
  }
}
