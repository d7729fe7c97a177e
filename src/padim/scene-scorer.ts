// Scores frames against a learnt scene: the Mahalanobis distance of each cue, smoothed over neighbouring cells, and
// all of them added up.
import { FRAME_BYTES } from '../core/frame.ts';
import { markCue } from '../core/marked-cues.ts';
import type { EmbeddingPlan, Engine, WhitenedGaussian } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { CueExtractor } from './cue-extractor.ts';
import type { FrameRun } from './frame-run.ts';
import { mapOperator } from './maths/map-operator.ts';
import type { Profile } from './profile.ts';
import { LightGate } from './steadying/light-gate.ts';
import { PictureSteadier } from './steadying/picture-steadier.ts';
import { ScratchMemory } from './maths/scratch-memory.ts';
import type { CueScale, SceneGaussians } from '../core/scene-gaussians.ts';

/** Deviations above normal; less is no alert whatever made it, and not worth a look at the pictures. */
const GATED_EXCESS = 3;

export interface SceneScorerOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly motion: MotionEstimator;
  readonly gaussians: SceneGaussians;
  /** The scene's mean picture, rgb24: small shakes are taken out against it. Undefined: pictures are taken as they come. */
  readonly reference?: Uint8Array | undefined;
  /** Whether map values tell which cue spoke (core/marked-cues.ts). */
  readonly marksCues?: boolean;
  /** Shared by scorers that run in turn; its own when left out. Maps are valid until the next call of any of them. */
  readonly scratch?: ScratchMemory | undefined;
}

export class SceneScorer {
  readonly #options: SceneScorerOptions;
  readonly #scratch: ScratchMemory;
  readonly #extractor: CueExtractor;
  readonly #operator: Float32Array;
  /** Only video comes from a camera that shakes. */
  readonly #steadier: PictureSteadier | undefined;
  readonly #gate: LightGate | undefined;
  #flow: Float32Array | undefined;

  constructor(options: SceneScorerOptions) {
    this.#options = options;
    this.#scratch = options.scratch ?? new ScratchMemory();
    const { engine, plan, profile, gaussians } = options;
    this.#extractor = new CueExtractor({
      engine,
      plan,
      withChange: gaussians.hasChange,
      motion: gaussians.motion === undefined ? undefined : options.motion,
      scratch: this.#scratch,
    });
    this.#operator = mapOperator(plan.grid, profile.map.side, profile.map.sigma);
    if (gaussians.motion === undefined) return;
    this.#gate = new LightGate(profile.map.side, this.#scratch);
    if (options.reference === undefined) return;
    this.#steadier = new PictureSteadier(options.reference, this.#scratch);
  }

  /** Maps are `mapSide` × `mapSide` cells. */
  get mapSide(): number {
    return this.#options.profile.map.side;
  }

  /** Where motion went in the run scored last (`Cues.flow`); undefined where motion is no cue. Valid as long as its maps. */
  get flow(): Float32Array | undefined {
    return this.#flow;
  }

  /** Memory of the scene's own: its Gaussians, the map operator, and what is kept from run to run. */
  get sizeBytes(): number {
    const { appearance, motion } = this.#options.gaussians;
    return (
      gaussianBytes(appearance) +
      (motion === undefined ? 0 : gaussianBytes(motion)) +
      this.#operator.byteLength +
      (this.#steadier?.sizeBytes ?? 0) +
      this.#extractor.sizeBytes
    );
  }

  /**
   * @returns (frame, row, column) float32 anomaly maps, valid until the next call: with one cue its distances
   * (PaDiM, section 3.4); with two the root of the sum of squares of how many standard deviations each lies above
   * normal, as distances of independent Gaussians add up
   */
  async score(given: FrameRun): Promise<Float32Array> {
    const run = this.#steadied(given);
    const [appearance, motion] = await this.#distances(run);
    const { scales } = this.#options.gaussians;
    const marks = this.#options.marksCues === true;
    if (motion === undefined) {
      if (marks) appearance.forEach((value, cell) => (appearance[cell] = markCue(value, false)));
      return appearance;
    }
    if (scales === undefined)
      throw new RangeError('cues can’t be added up before their scales are known');
    const [ofAppearance, ofMotion] = scales;
    for (let index = 0; index < motion.length; index++) {
      motion[index] = excess(motion[index]!, ofMotion);
    }
    this.#takeOutLight(run, motion);
    for (let index = 0; index < appearance.length; index++) {
      const first = excess(appearance[index]!, ofAppearance);
      const second = motion[index]!;
      const sum = Math.sqrt(first * first + second * second);
      appearance[index] = marks ? markCue(sum, second > first) : sum;
    }
    return appearance;
  }

  /** Takes what is only light out of motion's excesses, of frames where there are any to speak of. */
  #takeOutLight({ pixels, frameCount, context }: FrameRun, motion: Float32Array): void {
    const cellCount = this.mapSide * this.mapSide;
    // The first frame of all moved against none.
    const first = context === 'none' ? 1 : 0;
    for (let frame = first; frame < frameCount; frame++) {
      const map = motion.subarray(frame * cellCount, (frame + 1) * cellCount);
      if (!map.some((value) => value >= GATED_EXCESS)) continue;
      const weights = this.#gate?.weigh(pixels, (frame - first) * FRAME_BYTES);
      for (let cell = 0; cell < cellCount; cell++) map[cell]! *= weights?.[cell] ?? 1;
    }
  }

  /** The smoothed distances of each cue, (frame, row, column); valid until the next call. */
  cueMaps(run: FrameRun): Promise<readonly [Float32Array, Float32Array | undefined]> {
    return this.#distances(this.#steadied(run));
  }

  #steadied(run: FrameRun): FrameRun {
    const pixels = this.#steadier?.steady(run.pixels) ?? run.pixels;
    return pixels === run.pixels ? run : { ...run, pixels };
  }

  async #distances(run: FrameRun): Promise<readonly [Float32Array, Float32Array | undefined]> {
    const { engine, gaussians } = this.#options;
    const cues = await this.#extractor.extract(run);
    this.#flow = cues.flow;
    const ofAppearance = await engine.distances(
      cues.change ?? cues.appearance,
      gaussians.appearance,
    );
    const appearance = await this.#smooth(ofAppearance);
    if (cues.motion === undefined || gaussians.motion === undefined) return [appearance, undefined];
    // The engine's memory is written again by the next call.
    const kept = this.#scratch.take('appearance maps', appearance.length);
    kept.set(appearance);
    return [kept, await this.#smooth(await engine.distances(cues.motion, gaussians.motion))];
  }

  #smooth(distances: Float32Array): Promise<Float32Array> {
    const { engine, plan } = this.#options;
    return engine.resizeMaps(distances, plan.grid, this.#operator, this.mapSide);
  }
}

const gaussianBytes = ({ mean, factor }: WhitenedGaussian): number =>
  mean.byteLength + factor.byteLength;

/** Standard deviations above the mean of normal footage; what lies below it is as normal as can be. */
const excess = (distance: number, { mean, deviation }: CueScale): number =>
  Math.max(0, (distance - mean) / deviation);
