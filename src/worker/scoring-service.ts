// Scores segments inside the scoring process: finds each scene's model, keeps the recent ones, notices
// when a scene was fitted again, and never lets one bad segment spoil its batch.
import { PatchwatchError, toError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import { cameraId, sceneId, type CameraId, type SceneId } from '../core/ids.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ModelRequirements, ModelStore, StoredModel } from '../core/ports/model-store.ts';
import { embeddingPlanOf } from '../padim/embedding-plan.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import { profileNamed } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import type { OutcomeHeader, SegmentHeader } from './scorer-message.ts';

/** A model fitted anew is in use after at most this long. */
const VERSION_CHECK_INTERVAL_MS = 2_000;

interface CachedScene {
  readonly stored: StoredModel;
  readonly scorer: SceneScorer;
  /** Sequence of the last frame that the scorer saw. */
  lastSequence: number | undefined;
}

interface SceneSlot {
  checkedAtMs: number;
  scene: CachedScene | undefined;
}

export interface ScoredSegment {
  readonly header: OutcomeHeader;
  readonly maps: Uint8Array | undefined;
}

export interface ScoringServiceOptions {
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly store: ModelStore;
  /** What the camera's configuration asks of a model; undefined for a camera that is not configured. */
  readonly requirements: (camera: CameraId) => ModelRequirements | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ScoringService {
  readonly #options: ScoringServiceOptions;
  readonly #slots = new Map<string, SceneSlot>();
  readonly #lastDropDetail = new Map<string, string>();

  constructor(options: ScoringServiceOptions) {
    this.#options = options;
  }

  /** `pixels`: (context?, frames…) × FRAME_BYTES of the segment. */
  async score(segment: SegmentHeader, pixels: Uint8Array): Promise<ScoredSegment> {
    const frameCount = segment.stamps.length + (segment.hasContext ? 1 : 0);
    if (pixels.byteLength !== frameCount * FRAME_BYTES || segment.stamps.length === 0) {
      return this.#drop(segment, 'invalid', `segment of ${pixels.byteLength} bytes`);
    }
    try {
      const scene = await this.#scene(segment);
      if (scene === undefined) return this.#drop(segment, 'no_model', 'scene was never fitted');
      const context = contextOf(segment, scene.lastSequence);
      scene.lastSequence = undefined;
      const maps = await scene.scorer.score({
        pixels,
        frameCount: segment.stamps.length,
        context,
      });
      scene.lastSequence = segment.stamps.at(-1)?.sequence;
      const bytes = new Uint8Array(maps.slice().buffer);
      return {
        header: {
          kind: 'scored',
          side: scene.scorer.mapSide,
          mapBytes: bytes.byteLength,
          modelVersion: scene.stored.version,
          threshold: scene.stored.model.metadata.threshold,
        },
        maps: bytes,
      };
    } catch (thrown) {
      const error = toError(thrown);
      const isModelFault = error instanceof PatchwatchError && error.code.startsWith('MODEL_');
      return this.#drop(segment, isModelFault ? 'no_model' : 'scorer_failed', error.message);
    }
  }

  async #scene(segment: SegmentHeader): Promise<CachedScene | undefined> {
    const camera = cameraId(segment.cameraId);
    const scene = sceneId(segment.sceneId);
    const key = `${camera}/${scene}`;
    const slot = this.#slots.get(key) ?? { checkedAtMs: -Infinity, scene: undefined };
    this.#slots.set(key, slot);
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - slot.checkedAtMs < VERSION_CHECK_INTERVAL_MS) return slot.scene;
    slot.checkedAtMs = nowMs;
    const version = await this.#options.store.currentVersion(camera, scene);
    if (version === undefined) slot.scene = undefined;
    else if (version !== slot.scene?.stored.version) {
      slot.scene = undefined;
      slot.scene = await this.#load(camera, scene);
    }
    return slot.scene;
  }

  async #load(camera: CameraId, scene: SceneId): Promise<CachedScene | undefined> {
    const { engine, motion, store, logger } = this.#options;
    const requirements = this.#options.requirements(camera);
    if (requirements === undefined) return undefined;
    const stored = await store.load(camera, scene, requirements);
    if (stored === undefined) return undefined;
    const { model, version } = stored;
    logger.info('scene model loaded', { camera, scene, version: version.slice(0, 12) });
    return {
      stored,
      lastSequence: undefined,
      scorer: new SceneScorer({
        engine,
        motion,
        profile: profileNamed(model.metadata.profile),
        plan: embeddingPlanOf(model),
        gaussians: model.gaussians,
      }),
    };
  }

  /** Says why once per scene and reason until it changes: a camera without a model must not flood the log. */
  #drop(segment: SegmentHeader, reason: DropReason, detail: string): ScoredSegment {
    const key = `${segment.cameraId}/${segment.sceneId}`;
    if (this.#lastDropDetail.get(key) !== detail) {
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

/** Whether the scorer still knows the frame before the segment's first. */
const contextOf = (
  { hasContext, stamps }: SegmentHeader,
  lastSequence: number | undefined,
): FrameRun['context'] => {
  if (!hasContext) return 'none';
  return lastSequence !== undefined && lastSequence + 1 === stamps[0]?.sequence ? 'seen' : 'given';
};
