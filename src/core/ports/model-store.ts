// Scene models on disk (or, later, in a shared store): versioned, checksummed, never half-written.
import type { CameraId, SceneId } from '../ids.ts';
import type { FootageKind } from '../footage-kind.ts';
import type { ModelParts } from '../model-part.ts';
import type { SceneGaussians } from '../scene-gaussians.ts';
import type { CovarianceKind } from './engine.ts';

/** Everything about a scene model but its numbers; stored as JSON in the file's header. */
export interface SceneModelMetadata {
  /** 2: without parts. */
  readonly formatVersion: 2 | 3;
  readonly cameraId: CameraId;
  readonly sceneId: SceneId;
  readonly profile: string;
  readonly backbone: string;
  /** sha256 of the backbone file the model was fitted with: another file gives other embeddings. */
  readonly backboneSha256: string;
  readonly grid: number;
  readonly stageCount: number;
  /** Channels of the appearance's Gaussian; with change, twice those of the embedding. */
  readonly dimensions: number;
  readonly covariance: CovarianceKind;
  /** What the training frames were taken for; decides the cues. */
  readonly footageKind: FootageKind;
  /** κ of own covariances, in frames; 0 where there is one for the scene. */
  readonly shrinkage: number;
  readonly seed: number;
  readonly fittedAt: string;
  /** First and last wall-clock (or media) time of the training frames, milliseconds. */
  readonly trainingSpanMs: readonly [number, number];
  readonly trainingFrameCount: number;
  readonly heldOutFrameCount: number;
  readonly threshold: number;
  /** How the threshold came to be, in words and numbers, for the fit report. */
  readonly calibration: Readonly<Record<string, number | string>>;
}

export interface SceneModel {
  readonly metadata: SceneModelMetadata;
  /** Channel indices within each stage. */
  readonly channels: readonly Int32Array[];
  readonly gaussians: SceneGaussians;
  /** What it is judged by beside its Gaussians. */
  readonly parts: ModelParts;
  /** The mean training frame, FRAME_BYTES rgb24, for previews. */
  readonly meanFrame: Uint8Array;
}

/** What a model must have been made with to be usable here. */
export interface ModelRequirements {
  readonly profile: string;
  readonly backbone: string;
  readonly backboneSha256: string;
  /** Channels that the backbone has in each stage, shallow to deep; not checked when undefined. */
  readonly stageChannels?: readonly number[];
}

export interface StoredModel {
  readonly model: SceneModel;
  /** sha256 of the file, hex: the model's version. */
  readonly version: string;
  readonly sizeBytes: number;
}

export interface ModelStore {
  /** Atomic: after a crash either the old or the new model is there, whole. Keeps older versions. */
  save(
    model: SceneModel,
  ): Promise<{ readonly version: string; readonly sizeBytes: number; readonly path: string }>;
  /** Undefined when the scene was never fitted; throws MODEL_CORRUPT or MODEL_MISMATCH by name and reason. */
  load(
    cameraId: CameraId,
    sceneId: SceneId,
    requirements: ModelRequirements,
  ): Promise<StoredModel | undefined>;
  /** Version (sha256) of the current model without reading its numbers; undefined when there is none. */
  currentVersion(cameraId: CameraId, sceneId: SceneId): Promise<string | undefined>;
  /** Newest first. */
  versions(cameraId: CameraId, sceneId: SceneId): Promise<readonly string[]>;
  /** Makes an older version the current one again. */
  rollBack(cameraId: CameraId, sceneId: SceneId, version: string): Promise<void>;
}
