// Plays the footage of a fit: what of it is of the scene, wanted and new, batch by batch.
import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import type { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import { ReconnectingSource } from '../../capture/reconnecting-source.ts';
import { isLive } from '../../capture/source-kind.ts';
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { PatchwatchError } from '../../core/errors.ts';
import type { FrameSink, FrameTime } from '../../core/ports/frame-source.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { BatchSink, type FrameBatch } from '../../fitting/batch-sink.ts';
import { FilterSink } from '../../fitting/filter-sink.ts';
import { FootageClock } from '../../fitting/footage-clock.ts';
import type { FrameMemory } from '../../fitting/frame-memory.ts';
import { cameraSource, footageSource } from '../../ingest/camera-source.ts';
import { SceneRouter } from '../../ingest/scene-router.ts';
import { systemClock } from '../../process/system-clock.ts';

/** Bounds the memory of fitting; larger batches are not faster on a CPU. */
export const BATCH_FRAMES = 32;

/** Stream times from the first frame on, milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PlayOptions {
  readonly config: Config;
  readonly camera: CameraConfig;
  readonly scene: SceneConfig;
  /** Recorded footage instead of the camera's stream. */
  readonly from: string | undefined;
  /** Ends the footage after this much stream time. */
  readonly durationMs: number | undefined;
  /** Of recorded footage, what is not learnt from. */
  readonly leaveOut?: readonly Span[] | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Stream times, milliseconds. */
export interface BatchTime {
  /** Of the footage's first frame. */
  readonly firstMs: number;
  /** Footage played up to the batch's end. */
  readonly playedMs: number;
}

export interface Player {
  /** Knows what was learnt before: it is not learnt again. */
  readonly memory: FrameMemory;
  readonly handle: (batch: FrameBatch, at: BatchTime) => Promise<void>;
}

export interface Played {
  /** Frames handed on. */
  readonly newFrames: number;
}

/** A camera that is down for longer than it gave footage is not waited for. */
const longestWaitMs = (durationMs: number): number => 2 * durationMs + 60_000;

/** Until the footage's end, the duration, or Ctrl-C (which throws INTERRUPTED). */
export const playFootage = async (options: PlayOptions, player: Player): Promise<Played> => {
  const { camera, signal, durationMs = Infinity, leaveOut = [] } = options;
  const isStream = isLive(options.from ?? camera.url);
  if (isStream && leaveOut.length > 0) {
    throw new PatchwatchError(
      'USAGE',
      '--leave-out is for recorded footage: a stream has no times yet',
    );
  }
  const gapMs = frameGapMs(camera.fps);
  const footage = new FootageClock({ clock: systemClock, gapMs });
  const enough = new AbortController();
  let firstMs: number | undefined;
  let newFrames = 0;
  const batches = new BatchSink({
    batchFrames: BATCH_FRAMES,
    gapMs,
    handle: (batch: FrameBatch) => {
      const lastMs = batch.times.at(-1)?.mediaTimeMs ?? 0;
      const startMs = firstMs ?? lastMs;
      const playedMs = isStream ? footage.footageMs : lastMs - startMs;
      return player.handle(batch, { firstMs: startMs, playedMs });
    },
  });
  const isOfScene = sceneTest(options, isStream);
  const filter = new FilterSink({
    sink: batches,
    accepts: (pixels, time) => {
      firstMs ??= time.mediaTimeMs;
      const sinceFirstMs = time.mediaTimeMs - firstMs;
      const playedMs = isStream ? footage.footageMs : sinceFirstMs;
      if (playedMs >= durationMs) enough.abort();
      if (enough.signal.aborted || !isOfScene(pixels, time)) return false;
      if (leaveOut.some((span) => sinceFirstMs >= span.fromMs && sinceFirstMs < span.toMs)) {
        return false;
      }
      if (player.memory.isRepeat(pixels)) return false;
      newFrames += 1;
      return true;
    },
  });
  const ending = AbortSignal.any([signal, enough.signal]);
  if (isStream) await playStream(options, { footage, filter, ending, durationMs });
  else await sourceOf(options).play(filter, ending);
  if (signal.aborted) {
    throw new PatchwatchError('INTERRUPTED', 'fit was interrupted: nothing was written');
  }
  await batches.flush();
  return { newFrames };
};

const sourceOf = ({ config, camera, logger, from }: PlayOptions): FfmpegSource => {
  const playing = {
    ffmpeg: new FfmpegBinary({ path: config.ffmpeg.path }),
    clock: systemClock,
    logger,
  };
  return from === undefined ? cameraSource(camera, playing) : footageSource(camera, from, playing);
};

interface StreamPlay {
  readonly footage: FootageClock;
  readonly filter: FrameSink;
  readonly ending: AbortSignal;
  readonly durationMs: number;
}

/** Opens the stream again when it breaks. One that never gave a frame fails at once: its address may be wrong. */
const playStream = async (options: PlayOptions, play: StreamPlay): Promise<void> => {
  const { camera, logger } = options;
  const { footage, filter, ending, durationMs } = play;
  const givenUp = new AbortController();
  const seen: { hasFrame: boolean; reason?: PatchwatchError } = { hasFrame: false };
  const source = new ReconnectingSource({
    source: sourceOf(options),
    clock: systemClock,
    random: Math.random,
    onState: (state) => {
      if (state.kind === 'up') seen.hasFrame = true;
      if (state.kind === 'stalled' || state.kind === 'down') footage.break();
      if (state.kind !== 'down') return;
      const { reason, delayMs } = state;
      seen.reason = reason;
      if (!seen.hasFrame || reason.code === 'SOURCE_REFUSED') givenUp.abort();
      else
        logger.warn('stream broke: opening it again', {
          camera: camera.id,
          reason: reason.message,
          delayMs,
        });
    },
  });
  const sink: FrameSink = {
    reserve: () => filter.reserve(),
    commit: (time) => filter.commit(footage.frame(time)),
  };
  const waited = new AbortController();
  if (Number.isFinite(durationMs)) {
    systemClock.sleep(longestWaitMs(durationMs), waited.signal).then(
      () => {
        givenUp.abort();
      },
      () => undefined,
    );
  }
  try {
    await source.play(sink, AbortSignal.any([ending, givenUp.signal]));
  } finally {
    waited.abort();
  }
  if (ending.aborted) return;
  const { hasFrame, reason } = seen;
  if (!hasFrame && reason !== undefined) throw reason;
  const gotS = Math.round(footage.footageMs / 1_000);
  throw new PatchwatchError(
    'FOOTAGE_TOO_SHORT',
    `camera ${camera.id} gave ${gotS} s of the ${Math.round(durationMs / 1_000)} s to learn, then no more; nothing was written; ` +
      `check the camera${reason === undefined ? '' : ` (${reason.message})`}`,
    { cause: reason },
  );
};

/**
 * A stream shows all of the camera's scenes in turn: only frames of the one that was named are learnt. Recorded footage
 * is of that scene, whatever it looks like. What does not seem to be of the scene is told at once.
 */
const sceneTest = (
  { camera, scene, logger }: PlayOptions,
  isStream: boolean,
): ((pixels: Uint8Array, time: FrameTime) => boolean) => {
  const { sceneId, light } = scene;
  const router = new SceneRouter(isStream ? camera.scenes : [{ sceneId, light }]);
  let isTold = false;
  return (pixels, time) => {
    const shown = router.sceneOf(pixels, time.capturedAtMs);
    if (shown === sceneId) return true;
    if (!isTold) {
      isTold = true;
      const fields = { camera: camera.id, scene: sceneId, shown: shown ?? 'none', light };
      if (isStream)
        logger.warn('scene does not apply now: waiting for it, nothing is learnt', fields);
      else logger.warn('footage does not have the light of the scene: learnt all the same', fields);
    }
    return !isStream;
  };
};
