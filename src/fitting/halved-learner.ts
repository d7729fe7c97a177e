// Learns a scene in two halves (stretches.ts): each can score the other's frames, which it never saw; together they
// are the model.
import type { LearnerState } from '../core/fit-state.ts';
import type { FootageKind } from '../core/footage-kind.ts';
import type { SceneGaussians } from '../core/scene-gaussians.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import { SceneLearner, type SceneLearnerOptions } from '../padim/scene-learner.ts';
import { STRETCH_FRAMES, halfOf, type Half } from './stretches.ts';

/**
 * κ of stills, in frames. Choosing it by held-out likelihood was worse
 * (docs/design/adr/0007-footage-decides-the-model.md).
 */
const SHRINKAGE = 30;

export interface HalvedLearnerOptions extends SceneLearnerOptions {
  /** κ of own covariances of stills; `SHRINKAGE` when undefined. */
  readonly shrinkage: number | undefined;
}

export interface LearningChoice {
  readonly footageKind: FootageKind;
  /** κ, in frames; 0 where covariances are not shrunk or shared. */
  readonly shrinkage: number;
}

export class HalvedLearner {
  readonly #options: HalvedLearnerOptions;
  readonly #halves: readonly [SceneLearner, SceneLearner];
  #lastHalf: Half | undefined;
  #frameCount = 0;
  #stretch = 0;
  #stretchFrames = 0;
  #choice: LearningChoice | undefined;

  constructor(options: HalvedLearnerOptions) {
    this.#options = options;
    this.#halves = [new SceneLearner(options), new SceneLearner(options)];
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** A copy of what each half knows. */
  state(): readonly [LearnerState, LearnerState] {
    return [this.#halves[0].state(), this.#halves[1].state()];
  }

  /** Goes on from what a learner with the same options knew; before any run. */
  restore(state: readonly [LearnerState, LearnerState]): void {
    state.forEach((known, half) => this.#halves[half === 0 ? 0 : 1].restore(known));
    this.#frameCount = state[0].frameCount + state[1].frameCount;
  }

  /** The stretch that the next run goes to, and how many of its frames have come. */
  get place(): { readonly stretch: number; readonly half: Half; readonly frameCount: number } {
    return {
      stretch: this.#stretch,
      half: halfOf(this.#stretch),
      frameCount: this.#stretchFrames,
    };
  }

  /** Ends a stretch early: the next frame does not follow the last. */
  breakStretch(): void {
    if (this.#stretchFrames > 0) this.#stretch += 1;
    this.#stretchFrames = 0;
  }

  /** A run longer than what is left of the stretch goes to one half whole. @returns that half */
  async add(run: FrameRun): Promise<Half> {
    if (run.context === 'none') this.breakStretch();
    const half = halfOf(this.#stretch);
    // The other half's learner saw the frame before, not this one.
    const isElsewhere = run.context === 'seen' && half !== this.#lastHalf;
    await this.#halves[half].add(isElsewhere ? { ...run, context: 'given' } : run);
    this.#lastHalf = half;
    this.#frameCount += run.frameCount;
    this.#stretchFrames += run.frameCount;
    if (this.#stretchFrames >= STRETCH_FRAMES) this.breakStretch();
    return half;
  }

  /** Frames of the half that has fewer. */
  get smallerHalf(): number {
    return Math.min(this.#halves[0].frameCount, this.#halves[1].frameCount);
  }

  /** Learns what waits for more frames; before anything is asked for. */
  async flush(): Promise<void> {
    for (const half of this.#halves) await half.flush();
  }

  /** What the footage is taken for, and how much its covariances are shrunk. Ask before `whole`. */
  choice(): LearningChoice {
    this.#choice ??= this.#choose();
    return this.#choice;
  }

  /** What one half learnt. @throws PatchwatchError FOOTAGE_*, NUMBERS_NOT_FINITE */
  half(half: Half): SceneGaussians {
    const { footageKind, shrinkage } = this.choice();
    return this.#halves[half].finish(footageKind, shrinkage);
  }

  /** The mean frame of both, rgb24. */
  meanFrame(): Uint8Array {
    const [first, second] = this.#halves;
    if (second.frameCount === 0) return first.meanFrame();
    const share = first.frameCount / (first.frameCount + second.frameCount);
    const other = second.meanFrame();
    return first
      .meanFrame()
      .map((value, index) => Math.round(share * value + (1 - share) * other[index]!));
  }

  /** What both learnt together. Nothing can be asked of the halves after. */
  whole(): { readonly gaussians: SceneGaussians; readonly meanFrame: Uint8Array } {
    const { footageKind, shrinkage } = this.choice();
    const [whole, other] = this.#halves;
    if (other.frameCount > 0) whole.merge(other);
    return { gaussians: whole.finish(footageKind, shrinkage), meanFrame: whole.meanFrame() };
  }

  #choose(): LearningChoice {
    const { profile, shrinkage } = this.#options;
    const footageKind = this.#halves[0].footageKind();
    if (!profile.isForVideo || footageKind === 'video') return { footageKind, shrinkage: 0 };
    return { footageKind, shrinkage: shrinkage ?? SHRINKAGE };
  }
}
