// The scenes that a worker holds in memory, within a bound of bytes: the one asked for longest ago goes first. Notices
// when a scene was fitted again. A load that fails costs nothing that was there before: neither other scenes, nor the
// model of the same scene that was in use.
import { toError } from '../core/errors.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { SceneJudge } from './scene-judge.ts';

/** A model fitted anew is in use after at most this long. */
const VERSION_CHECK_INTERVAL_MS = 2_000;
/** What a scene costs beside its numbers. */
const OVERHEAD_BYTES = 1_024;
/** Scenes without a model that are remembered, so that they are looked for once in a while only. */
const MAX_ABSENT = 10_000;

/** A scene ready to be scored. */
export interface HeldScene {
  readonly judge: Pick<SceneJudge, 'score' | 'mapSide' | 'sizeBytes'>;
  readonly version: string;
  readonly threshold: number;
  /** Sequence of the last frame that the scorer saw. */
  lastSequence: number | undefined;
}

export interface SceneLoader {
  /** Undefined when the scene was never fitted. */
  readonly currentVersion: (camera: CameraId, scene: SceneId) => Promise<string | undefined>;
  readonly load: (camera: CameraId, scene: SceneId) => Promise<HeldScene | undefined>;
}

export interface SceneCacheOptions {
  readonly loader: SceneLoader;
  /** One scene is held even when it is larger. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

interface Slot {
  readonly camera: CameraId;
  readonly scene: SceneId;
  held: HeldScene | undefined;
  checkedAtMs: number;
  failure: Error | undefined;
  refresh: Promise<void> | undefined;
}

export class SceneCache {
  readonly #options: SceneCacheOptions;
  /** Longest unused first. */
  readonly #slots = new Map<string, Slot>();
  #sizeBytes = 0;
  #heldCount = 0;
  #evictionCount = 0;
  #reportedBytes = 0;

  constructor(options: SceneCacheOptions) {
    this.#options = options;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get heldCount(): number {
    return this.#heldCount;
  }

  /**
   * Undefined when the scene was never fitted. Whoever asks for a scene that is being loaded waits for the same load.
   * The scene may be given up by the next call: hold it no longer than one segment.
   *
   * @throws what the loader throws, as long as there is no model to fall back on
   */
  async get(camera: CameraId, scene: SceneId): Promise<HeldScene | undefined> {
    const slot = this.#touch(camera, scene);
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - slot.checkedAtMs >= VERSION_CHECK_INTERVAL_MS) {
      slot.checkedAtMs = nowMs;
      slot.refresh ??= this.#refresh(slot).finally(() => {
        slot.refresh = undefined;
      });
    }
    await slot.refresh;
    this.#keepWithin(slot);
    if (slot.held === undefined && slot.failure !== undefined) throw slot.failure;
    return slot.held;
  }

  #touch(camera: CameraId, scene: SceneId): Slot {
    const key = `${camera}/${scene}`;
    const known = this.#slots.get(key);
    const slot = known ?? {
      camera,
      scene,
      held: undefined,
      checkedAtMs: -Infinity,
      failure: undefined,
      refresh: undefined,
    };
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    return slot;
  }

  /** Never rejects. */
  async #refresh(slot: Slot): Promise<void> {
    const { loader, logger, meter } = this.#options;
    const { camera, scene } = slot;
    try {
      const version = await loader.currentVersion(camera, scene);
      if (version === undefined) this.#hold(slot, undefined);
      else if (version !== slot.held?.version) this.#hold(slot, await this.#load(slot));
      slot.failure = undefined;
    } catch (thrown) {
      const error = toError(thrown);
      meter.add('patchwatch_scene_model_load_failures_total', {});
      if (slot.held !== undefined && slot.failure?.message !== error.message) {
        logger.warn('scene model can’t be loaded: the one before stays in use', {
          camera,
          scene,
          error: error.message,
        });
      }
      slot.failure = error;
    }
  }

  async #load({ camera, scene }: Slot): Promise<HeldScene | undefined> {
    const { loader, clock, logger, meter } = this.#options;
    const startMs = clock.monotonicMs();
    const held = await loader.load(camera, scene);
    if (held === undefined) return undefined;
    meter.observe('patchwatch_scene_model_load_seconds', {}, (clock.monotonicMs() - startMs) / 1e3);
    // Where scenes come and go, their coming is no news.
    const level = this.#evictionCount === 0 ? 'info' : 'debug';
    logger[level]('scene model loaded', { camera, scene, version: held.version.slice(0, 12) });
    return held;
  }

  #hold(slot: Slot, held: HeldScene | undefined): void {
    const before = slot.held;
    slot.held = held;
    this.#heldCount += Number(held !== undefined) - Number(before !== undefined);
    this.#sizeBytes += sizeOf(held) - sizeOf(before);
  }

  /** Gives scenes up: never the one in use, nor one in the making. */
  #keepWithin(inUse: Slot): void {
    const { maxBytes, meter } = this.#options;
    for (const [key, slot] of this.#slots) {
      const isFull = this.#sizeBytes > maxBytes;
      const isCrowded = this.#slots.size - this.#heldCount > MAX_ABSENT;
      if (!isFull && !isCrowded) break;
      if (slot === inUse || slot.refresh !== undefined) continue;
      if (slot.held === undefined ? !isCrowded : !isFull) continue;
      this.#slots.delete(key);
      if (slot.held === undefined) continue;
      this.#sizeBytes -= sizeOf(slot.held);
      this.#heldCount -= 1;
      this.#evictionCount += 1;
      meter.add('patchwatch_scene_model_evictions_total', {});
    }
    if (this.#sizeBytes === this.#reportedBytes) return;
    this.#reportedBytes = this.#sizeBytes;
    meter.set('patchwatch_scene_models', {}, this.#heldCount);
    meter.set('patchwatch_scene_model_bytes', {}, this.#sizeBytes);
  }
}

const sizeOf = (held: HeldScene | undefined): number =>
  held === undefined ? 0 : OVERHEAD_BYTES + held.judge.sizeBytes;
