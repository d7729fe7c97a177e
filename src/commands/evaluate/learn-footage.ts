// Learns a scene from pieces of recorded footage, as `fit` learns it from one.
import type { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { FootagePiece } from '../../datasets/scene-clip.ts';
import { BatchSink } from '../../fitting/batch-sink.ts';
import { FilterSink } from '../../fitting/filter-sink.ts';
import type { SceneFit } from '../../fitting/fit-scene.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { systemClock } from '../../process/system-clock.ts';

export interface LearnFootageOptions {
  readonly pieces: readonly FootagePiece[];
  readonly fps: number;
  /** Of pieces that are folders. */
  readonly folderFps: number;
  readonly batchFrames: number;
  readonly ffmpeg: FfmpegBinary;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (frameCount: number) => void;
}

/** @throws PatchwatchError SOURCE_* */
export const learnFootage = async (fit: SceneFit, options: LearnFootageOptions): Promise<void> => {
  const { pieces, fps, folderFps, batchFrames, ffmpeg, logger } = options;
  for (const { path, fromMs, toMs } of pieces) {
    const sink = new BatchSink({
      batchFrames,
      gapMs: frameGapMs(fps),
      handle: async (batch) => {
        await fit.add(batch);
        options.onProgress(fit.frameCount);
      },
    });
    const within = new FilterSink({
      sink,
      accepts: (_, { mediaTimeMs }) => mediaTimeMs >= fromMs && mediaTimeMs < toMs,
    });
    const source = new FfmpegSource({
      url: path,
      ffmpeg,
      fps,
      folderFps,
      clock: systemClock,
      logger,
    });
    await source.play(within, options.signal);
    await sink.flush();
  }
};
