// Scores segments inside the scoring process, each against its scene's model, and never lets one bad segment spoil
// its batch.
import { PatchwatchError, toError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import { cameraId, sceneId, type CameraId, type SceneId } from '../core/ids.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { ModelRequirements, ModelStore } from '../core/ports/model-store.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import { ScratchMemory } from '../padim/maths/scratch-memory.ts';
import { SceneJudge, type Judgement, type SceneJudgeOptions } from './scene-judge.ts';
import { SceneCache, type HeldScene } from './scene-cache.ts';
import type { OutcomeHeader, SegmentHeader } from './scorer-message.ts';

/** Drops told of that are remembered, so that each is told once. */
const MAX_REMEMBERED_DROPS = 10_000;

export interface ScoredSegment {
  readonly header: OutcomeHeader;
  readonly maps: Uint8Array | undefined;
}

export interface ScoringServiceOptions {
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly store: ModelStore;
  /** What the camera's configuration asks of a model; undefined for a camera that is not configured. */
  readonly requirements: (
    camera: CameraId,
  ) => ModelRequirements | undefined | Promise<ModelRequirements | undefined>;
  /** Bound of the scenes in memory. */
  readonly sceneMemoryBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class ScoringService {
  readonly #options: ScoringServiceOptions;
  readonly #scenes: SceneCache;
  readonly #scratch = new ScratchMemory();
  readonly #lastDropDetail = new Map<string, string>();

  constructor(options: ScoringServiceOptions) {
    this.#options = options;
    this.#scenes = new SceneCache({
      ...options,
      maxBytes: options.sceneMemoryBytes,
      loader: {
        currentVersion: (camera, scene) => options.store.currentVersion(camera, scene),
        load: (camera, scene) => this.#load(camera, scene),
      },
    });
  }

  /** `pixels`: (context?, frames…) × FRAME_BYTES of the segment. One call at a time: scenes share working memory. */
  async score(segment: SegmentHeader, pixels: Uint8Array): Promise<ScoredSegment> {
    const { stamps, hasContext, hasSlow } = segment;
    const pictureCount = stamps.length + (hasContext ? 1 : 0) + (hasSlow === true ? 1 : 0);
    if (pixels.byteLength !== pictureCount * FRAME_BYTES || stamps.length === 0) {
      return this.#drop(segment, 'invalid', `segment of ${pixels.byteLength} bytes`);
    }
    try {
      const scene = await this.#scenes.get(cameraId(segment.cameraId), sceneId(segment.sceneId));
      if (scene === undefined) return this.#drop(segment, 'no_model', 'scene was never fitted');
      const context = contextOf(segment, scene.lastSequence);
      scene.lastSequence = undefined;
      const slowAt = hasSlow === true ? pixels.byteLength - FRAME_BYTES : pixels.byteLength;
      const judged = await scene.judge.score({
        pixels: pixels.subarray(0, slowAt),
        frameCount: stamps.length,
        context,
        slow: hasSlow === true ? pixels.subarray(slowAt) : undefined,
      });
      // Scores that are none would never reach a threshold: the scene would be blind and look quiet.
      const maps = mapsOf(judged);
      if (!maps.every(Number.isFinite))
        return this.#drop(
          segment,
          'not_finite',
          `model ${scene.version} gave a score that is none`,
        );
      scene.lastSequence = stamps.at(-1)?.sequence;
      const bytes = new Uint8Array(maps.buffer);
      return {
        header: {
          kind: 'scored',
          side: scene.judge.mapSide,
          mapBytes: bytes.byteLength,
          modelVersion: scene.version,
          threshold: scene.threshold,
          hasStay: judged.stay !== undefined,
          view: judged.view,
          movement: judged.movement,
        },
        maps: bytes,
      };
    } catch (thrown) {
      const error = toError(thrown);
      const isModelFault =
        error instanceof PatchwatchError && /^(?:MODEL|BACKBONE)_/.test(error.code);
      return this.#drop(segment, isModelFault ? 'no_model' : 'scorer_failed', error.message);
    }
  }

  async #load(camera: CameraId, scene: SceneId): Promise<HeldScene | undefined> {
    const { engine, motion, store } = this.#options;
    const requirements = await this.#options.requirements(camera);
    if (requirements === undefined) return undefined;
    const stored = await store.load(camera, scene, requirements);
    if (stored === undefined) return undefined;
    const { model, version } = stored;
    return {
      version,
      threshold: model.metadata.threshold,
      lastSequence: undefined,
      judge: judgeOf({ engine, motion, model, scratch: this.#scratch }),
    };
  }

  /** Says why once per scene and reason until it changes: a camera without a model must not flood the log. */
  #drop(segment: SegmentHeader, reason: DropReason, detail: string): ScoredSegment {
    const key = `${segment.cameraId}/${segment.sceneId}`;
    if (this.#lastDropDetail.get(key) !== detail) {
      if (this.#lastDropDetail.size >= MAX_REMEMBERED_DROPS) this.#lastDropDetail.clear();
      this.#lastDropDetail.set(key, detail);
      this.#options.logger.warn('segments are not scored', {
        camera: segment.cameraId,
        scene: segment.sceneId,
        reason,
        detail,
      });
    }
    return { header: { kind: 'dropped', reason, detail }, maps: undefined };
  }
}

/** @throws PatchwatchError MODEL_CORRUPT for a model whose parts don't fit it */
const judgeOf = (options: SceneJudgeOptions): SceneJudge => {
  try {
    return new SceneJudge(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PatchwatchError('MODEL_CORRUPT', `${error.message}: fit the scene again`, {
      cause: error,
    });
  }
};

/** A copy: the maps of the frames, then that of what stays. */
const mapsOf = ({ maps, stay }: Judgement): Float32Array => {
  const all = new Float32Array(maps.length + (stay?.length ?? 0));
  all.set(maps);
  if (stay !== undefined) all.set(stay, maps.length);
  return all;
};

/** Whether the scorer still knows the frame before the segment's first. */
const contextOf = (
  { hasContext, stamps }: SegmentHeader,
  lastSequence: number | undefined,
): FrameRun['context'] => {
  if (!hasContext) return 'none';
  return lastSequence !== undefined && lastSequence + 1 === stamps[0]?.sequence ? 'seen' : 'given';
};
