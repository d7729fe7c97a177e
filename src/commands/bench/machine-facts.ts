// What a measurement was made on: figures without it can't be compared.
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import { onnxVersion } from '../../engine/onnx-version.ts';
import { VERSION } from '../../process/version.ts';

export interface MachineFacts {
  readonly cpu: string;
  /** Those that the process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly versions: {
    readonly patchwatch: string;
    readonly node: string;
    readonly onnxruntime: string;
    readonly ffmpeg: string;
  };
}

/** @throws PatchwatchError FFMPEG_MISSING */
export const machineFacts = async (ffmpegPath: string): Promise<MachineFacts> => {
  const { major, minor } = await new FfmpegBinary({ path: ffmpegPath }).version();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    versions: {
      patchwatch: VERSION,
      node: process.versions.node,
      onnxruntime: onnxVersion(),
      ffmpeg: `${major}.${minor}`,
    },
  };
};
