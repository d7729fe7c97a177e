// Plays what a scene is learnt from: recorded footage once, a live stream for as long as was asked, over its breaks.
// What of it is of the scene, wanted and new is handed on, batch by batch.
import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import type { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import { ReconnectingSource, type SourceState } from '../../capture/reconnecting-source.ts';
import type { CameraConfig, Config, SceneConfig } from '../../config/config.ts';
import { PatchwatchError } from '../../core/errors.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { FrameSink, FrameTime } from '../../core/ports/frame-source.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { BatchSink, type FrameBatch } from '../../fitting/batch-sink.ts';
import { FilterSink } from '../../fitting/filter-sink.ts';
import type { FrameMemory } from '../../fitting/frame-memory.ts';
import { FootageClock } from '../../fitting/footage-clock.ts';
import { cameraSource, footageSource } from '../../ingest/camera-source.ts';
import { DamageReport } from '../../ingest/damage-report.ts';
import { SceneRouter } from '../../ingest/scene-router.ts';
import { systemClock } from '../../process/system-clock.ts';

/** Bounds the memory of fitting; larger batches are not faster on a CPU. */
export const BATCH_FRAMES = 32;

export interface FitProgress {
  readonly frameCount: number;
  /** Stream time of the last frame, from the first. */
  readonly mediaTimeMs: number;
}

/** Who learns from the frames. */
export interface FootageLearner {
  readonly frameCount: number;
  /** @param firstMs stream time of the footage's first frame */
  add(batch: FrameBatch, firstMs: number): Promise<void>;
}

/** Stream times from the first frame on, milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface FootageOptions {
  readonly config: Pick<Config, 'ffmpeg'>;
  readonly camera: CameraConfig;
  readonly scene: SceneConfig;
  /** Recorded footage instead of the camera's stream. */
  readonly from: string | undefined;
  /** Ends the footage after this much stream time. */
  readonly durationMs: number | undefined;
  /** Of recorded footage, what is not learnt from. */
  readonly leaveOut?: readonly Span[] | undefined;
  /** Knows what was learnt before: it is not learnt again. */
  readonly memory?: FrameMemory;
  readonly learner: FootageLearner;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FitProgress) => void;
}

/** From its start, breaks included: a camera that is down for longer than it gives footage is not waited for. */
const longestWaitMs = (durationMs: number): number => 2 * durationMs + 60_000;

/**
 * Feeds the footage to the learner until its end or the duration; resolves with the frames handed on.
 *
 * @throws PatchwatchError INTERRUPTED after the signal; FOOTAGE_TOO_SHORT where a live stream gave less than the
 * duration and no more came; what is wrong with a source that gave nothing
 */
export const playFootage = async (options: FootageOptions): Promise<number> => {
  const { camera, signal, learner, durationMs = Infinity, clock = systemClock } = options;
  const gapMs = frameGapMs(camera.fps);
  const footage = new FootageClock({ clock, gapMs });
  const source = sourceOf(options);
  checkLeaveOut(options, source);
  const enough = new AbortController();
  let firstMs: number | undefined;
  let newFrames = 0;
  // By what was played of a live stream, whose own clock may be set, and by the times of a recording.
  const playedMs = (mediaTimeMs: number): number =>
    source.isEndless ? footage.footageMs : mediaTimeMs - (firstMs ?? mediaTimeMs);
  const batches = new BatchSink({
    batchFrames: BATCH_FRAMES,
    gapMs,
    handle: async (batch: FrameBatch) => {
      const lastMs = batch.times.at(-1)?.mediaTimeMs ?? 0;
      await learner.add(batch, firstMs ?? lastMs);
      const mediaTimeMs = playedMs(lastMs);
      options.onProgress({ frameCount: learner.frameCount, mediaTimeMs });
    },
  });
  const isOfScene = sceneTest(options, source);
  const filter = new FilterSink({
    sink: batches,
    accepts: (pixels, time) => {
      firstMs ??= time.mediaTimeMs;
      if (playedMs(time.mediaTimeMs) >= durationMs) enough.abort();
      if (enough.signal.aborted || !isOfScene(pixels, time)) return false;
      // What is live now was not seen before, whatever it looks like.
      if (!source.isEndless && !isWanted(options, pixels, time.mediaTimeMs - firstMs)) return false;
      newFrames += 1;
      return true;
    },
  });
  const ending = AbortSignal.any([signal, enough.signal]);
  // An address that may be a recording or a live stream counts as endless until it is opened.
  if (source.isEndless)
    await playStream(options, { source, clock, footage, filter, ending, durationMs });
  else await source.play(filter, ending);
  if (signal.aborted) {
    throw new PatchwatchError('INTERRUPTED', 'fit was interrupted: nothing was written');
  }
  await batches.flush();
  return newFrames;
};

/** @throws PatchwatchError USAGE */
const checkLeaveOut = ({ leaveOut = [] }: FootageOptions, { isEndless }: FfmpegSource): void => {
  if (!isEndless || leaveOut.length === 0) return;
  throw new PatchwatchError(
    'USAGE',
    '--leave-out is for recorded footage: a stream has no times yet',
  );
};

/** Not left out, and not learnt before. */
const isWanted = (
  { leaveOut = [], memory }: FootageOptions,
  pixels: Uint8Array,
  sinceFirstMs: number,
): boolean =>
  !leaveOut.some((span) => sinceFirstMs >= span.fromMs && sinceFirstMs < span.toMs) &&
  memory?.isRepeat(pixels) !== true;

const sourceOf = ({
  config,
  camera,
  clock = systemClock,
  logger,
  from,
}: FootageOptions): FfmpegSource => {
  const playing = { ffmpeg: new FfmpegBinary({ path: config.ffmpeg.path }), clock, logger };
  return from === undefined ? cameraSource(camera, playing) : footageSource(camera, from, playing);
};

interface StreamPlay {
  readonly source: FfmpegSource;
  readonly clock: Clock;
  readonly footage: FootageClock;
  readonly filter: FrameSink;
  readonly ending: AbortSignal;
  readonly durationMs: number;
}

/** Opens the stream again when it breaks. One that never gave a frame fails at once: its address may be wrong. */
const playStream = async (options: FootageOptions, play: StreamPlay): Promise<void> => {
  const { camera, logger } = options;
  const { source, clock, footage, filter, ending, durationMs } = play;
  const givenUp = new AbortController();
  const seen: { hasFrame: boolean; reason?: PatchwatchError } = { hasFrame: false };
  const onDown = ({ reason, delayMs }: Extract<SourceState, { kind: 'down' }>): void => {
    seen.reason = reason;
    const isWorthWaiting = Number.isFinite(durationMs) && reason.code !== 'SOURCE_REFUSED';
    if (!seen.hasFrame || !isWorthWaiting) givenUp.abort();
    else
      logger.warn('stream broke: opening it again', {
        camera: camera.id,
        reason: reason.message,
        delayMs,
      });
  };
  const reconnecting = new ReconnectingSource({
    source,
    clock,
    random: Math.random,
    onState: (state) => {
      if (state.kind === 'up') seen.hasFrame = true;
      if (state.kind === 'stalled' || state.kind === 'down') footage.break();

      if (state.kind === 'down') onDown(state);
    },
  });
  const damage = new DamageReport({ camera: camera.id, clock, logger });
  const sink: FrameSink = {
    reserve: () => filter.reserve(),
    commit: (time) => filter.commit(source.isEndless ? footage.frame(time) : time),
    leaveOut: () => {
      damage.add();
    },
  };
  const waited = new AbortController();
  if (Number.isFinite(durationMs)) {
    clock.sleep(longestWaitMs(durationMs), waited.signal).then(
      () => {
        givenUp.abort();
      },
      () => undefined,
    );
  }
  try {
    await reconnecting.play(sink, AbortSignal.any([ending, givenUp.signal]));
  } finally {
    waited.abort();
  }
  const isRecording = !source.isEndless && !givenUp.signal.aborted;
  if (ending.aborted || isRecording) return;
  throw tooShort(options, footage.footageMs, seen);
};

const tooShort = (
  { camera, durationMs }: FootageOptions,
  footageMs: number,
  { hasFrame, reason }: { readonly hasFrame: boolean; readonly reason?: PatchwatchError },
): PatchwatchError => {
  if (!hasFrame && reason !== undefined) return reason;
  const gave = `camera ${camera.id} gave ${Math.round(footageMs / 1_000)} s`;
  const why = reason === undefined ? '' : ` (${reason.message})`;
  const cause = { cause: reason };
  if (durationMs === undefined)
    return new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `${gave} of a live stream, then no more; nothing was written; say how long to learn, such as --duration 30m, and it is opened again when it breaks${why}`,
      cause,
    );
  return new PatchwatchError(
    'FOOTAGE_TOO_SHORT',
    `${gave} of the ${Math.round(durationMs / 1_000)} s to learn, then no more; nothing was written; check the camera${why}`,
    cause,
  );
};

/**
 * A stream shows all of the camera's scenes in turn: only frames of the one that was named are learnt. Recorded footage
 * is of that scene, whatever it looks like. What does not seem to be of the scene is told at once.
 */
const sceneTest = (
  { camera, scene, logger }: FootageOptions,
  source: FfmpegSource,
): ((pixels: Uint8Array, time: FrameTime) => boolean) => {
  const { sceneId, light } = scene;
  let router: SceneRouter | undefined;
  let isTold = false;
  return (pixels, time) => {
    const isStream = source.isEndless;
    router ??= new SceneRouter(isStream ? camera.scenes : [{ sceneId, light }], camera.ignore);
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
