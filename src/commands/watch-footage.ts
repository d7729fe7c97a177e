// Watches recorded footage with a learnt scene: through the parts that `run` is made of, as fast as they can, on the
// recording's own clock.
import type { FfmpegBinary } from '../capture/ffmpeg/ffmpeg-binary.ts';
import type { CameraConfig } from '../config/config.ts';
import type { Alert } from '../core/alert.ts';
import type { ViewEvent } from '../core/event.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { SceneId } from '../core/ids.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { FrameTime } from '../core/ports/frame-source.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { SceneModel } from '../core/ports/model-store.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { BatchSink, type FrameBatch } from '../fitting/batch-sink.ts';
import { FilterSink } from '../fitting/filter-sink.ts';
import type { MedianOfSeven } from '../motion/median-kernel.ts';
import { openMedian } from '../motion/open-median.ts';
import { frameGapMs } from '../core/frame-gap.ts';
import { segmentFrameCount } from '../ingest/segment-assembler.ts';
import { footageSource } from '../ingest/camera-source.ts';
import { readerFor } from '../reading/reader-for.ts';
import type { ScoredFrame, ScoreReader } from '../reading/score-reader.ts';
import { SceneJudge } from '../scoring/scene-judge.ts';
import { SlowPictures } from '../stay/slow-pictures.ts';
import { systemClock } from '../process/system-clock.ts';

/** Frames are judged in segments as long as those of `run` with its default `maxLatency`. */
const SEGMENT_LATENCY_MS = 1_000;

/** What of a camera's settings bears on recorded footage. */
export type WatchedCamera = Pick<
  CameraConfig,
  'id' | 'fps' | 'decode' | 'lowres' | 'smoothing' | 'ignore' | 'alert'
>;

/** A model that judges frames, and who is told. */
export interface WatchSetting {
  readonly camera: WatchedCamera;
  readonly sceneId: SceneId;
  readonly model: SceneModel;
  readonly modelVersion: string;
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly onFrame: (frame: ScoredFrame) => void;
  readonly onAlert: (alert: Alert) => void;
  readonly onView?: (event: ViewEvent) => void;
  /** After the frame's alerts, with what it looks like. */
  readonly onPicture: (pixels: Uint8Array, isAlertOpen: boolean) => Promise<void> | void;
}

export interface WatchOptions extends WatchSetting {
  readonly ffmpeg: FfmpegBinary;
  readonly logger: Logger;
  /** A video or a folder of frames. */
  readonly from: string;
  readonly signal: AbortSignal;
  /** Frames that are watched; all when left out. */
  readonly accepts?: (time: FrameTime) => boolean;
  readonly onProgress: (frameCount: number) => void;
}

/** Ends quietly when the signal aborts. @throws PatchwatchError SOURCE_* */
export const watchFootage = async (options: WatchOptions): Promise<void> => {
  const { camera, accepts = () => true } = options;
  const watch = openWatch(options, await openMedian());
  const sink = new BatchSink({
    batchFrames: segmentFrameCount(SEGMENT_LATENCY_MS, camera.fps),
    gapMs: frameGapMs(camera.fps),
    handle: async (batch) => {
      await watch.add(batch);
      options.onProgress(watch.frameCount);
    },
  });
  const { ffmpeg, logger } = options;
  const source = footageSource(camera, options.from, { ffmpeg, clock: systemClock, logger });
  await source.play(new FilterSink({ sink, accepts: (_, time) => accepts(time) }), options.signal);
  if (options.signal.aborted) return;
  await sink.flush();
  watch.end();
};

export interface Watch {
  /** Frames watched so far. */
  readonly frameCount: number;
  /** Consecutive frames, in order; as many as there are. */
  add(batch: FrameBatch): Promise<void>;
  /** Closes what is open: the footage has ended. */
  end(): void;
}

/** Whoever has the frames already watches them with this. */
export const openWatch = (setting: WatchSetting, median: MedianOfSeven): Watch => {
  const { camera, model, engine, motion, onFrame, onAlert, onView } = setting;
  const watching: Watching = {
    judge: new SceneJudge({ engine, motion, model }),
    slow: new SlowPictures({ fps: camera.fps, median }),
    reader: readerFor(camera, { onFrame, onAlert, onView }),
  };
  const segmentFrames = segmentFrameCount(SEGMENT_LATENCY_MS, camera.fps);
  let frameCount = 0;
  return {
    get frameCount() {
      return frameCount;
    },
    add: async (batch) => {
      for (const part of partsOf(batch, segmentFrames)) {
        await readBatch(setting, watching, part, frameCount);
        frameCount += part.times.length;
      }
    },
    end: () => {
      watching.reader.expire(Infinity);
    },
  };
};

interface Watching {
  readonly judge: SceneJudge;
  readonly slow: SlowPictures;
  readonly reader: ScoreReader;
}

/** The same frames, at most so many at once. */
function* partsOf({ pixels, hasContext, times }: FrameBatch, most: number): Generator<FrameBatch> {
  const before = hasContext ? 1 : 0;
  for (let first = 0; first < times.length; first += most) {
    const part = times.slice(first, first + most);
    const from = Math.max(0, first + before - 1);
    yield {
      pixels: pixels.subarray(from * FRAME_BYTES, (first + before + part.length) * FRAME_BYTES),
      hasContext: hasContext || first > 0,
      times: part,
    };
  }
}

/** Frame by frame, so that each picture is seen knowing whether an alert is open. */
const readBatch = async (
  { camera, sceneId, model, modelVersion, onPicture }: WatchSetting,
  { judge, slow, reader }: Watching,
  { pixels, hasContext, times }: FrameBatch,
  first: number,
): Promise<void> => {
  const context = hasContext ? 'seen' : 'none';
  const before = hasContext ? 1 : 0;
  const pictureOf = (index: number): Uint8Array =>
    pixels.subarray((index + before) * FRAME_BYTES, (index + before + 1) * FRAME_BYTES);
  if (!hasContext) slow.reset();
  const due = times.map(({ mediaTimeMs }, index) => slow.add(pictureOf(index), mediaTimeMs));
  const judged = await judge.score({
    pixels,
    frameCount: times.length,
    context,
    slow: due.findLast((picture) => picture !== undefined),
  });
  const side = judge.mapSide;
  const cellCount = side ** 2;
  for (const [index, { mediaTimeMs }] of times.entries()) {
    const sequence = first + index;
    // What is told of a whole segment comes with its last frame.
    const isLast = index === times.length - 1;
    const { maps, stay, view, movement } = judged;
    reader.read({
      segmentId: `${camera.id}-${sequence}`,
      cameraId: camera.id,
      sceneId,
      stamps: [{ sequence, capturedAtMs: mediaTimeMs, mediaTimeMs }],
      side,
      maps: maps.subarray(index * cellCount, (index + 1) * cellCount),
      modelVersion,
      threshold: model.metadata.threshold,
      ...(isLast ? { stay: stay && { map: stay }, view, movement } : {}),
    });
    await onPicture(pictureOf(index), reader.isAlertOpen);
  }
};
