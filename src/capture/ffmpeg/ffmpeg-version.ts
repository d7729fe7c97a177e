// Reads `ffmpeg -version` and says which of ffmpeg's changing options this build understands.

export interface FfmpegVersion {
  readonly major: number;
  readonly minor: number;
}

const RELEASE = /^ffmpeg version n?(\d+)\.(\d+)/m;
const LIBAVFORMAT = /^\s*libavformat\s+(\d+)\.\s*(\d+)\./m;

/** libavformat 58 came with ffmpeg 4, and both have counted up together since. */
const LIBAVFORMAT_AHEAD = 54;
/** libavformat of ffmpeg 5.1, the first release with `-fps_mode`. */
const LIBAVFORMAT_MINOR_5_1 = 27;

/**
 * Undefined when the text is not ffmpeg's. Builds from source control (`N-109…`, `git-2024-…`) carry
 * no release number; their library versions tell it.
 */
export const parseFfmpegVersion = (text: string): FfmpegVersion | undefined => {
  const release = RELEASE.exec(text);
  if (release !== null) return { major: Number(release[1]), minor: Number(release[2]) };
  const library = LIBAVFORMAT.exec(text);
  if (library === null || !text.startsWith('ffmpeg version')) return undefined;
  const major = Number(library[1]) - LIBAVFORMAT_AHEAD;
  const isAtLeast51 = major > 5 || (major === 5 && Number(library[2]) >= LIBAVFORMAT_MINOR_5_1);
  return { major, minor: isAtLeast51 ? 1 : 0 };
};

/** Below this, options that capture relies on are missing or mean something else. */
export const OLDEST_MAJOR = 4;

/** `-vsync` was replaced in 5.1 and is gone from 9. */
export const hasFpsMode = ({ major, minor }: FfmpegVersion): boolean =>
  major > 5 || (major === 5 && minor >= 1);

/** In 4.x `-timeout` on RTSP means "listen for a caller" and hangs; the time-out is `-stimeout`. */
export const rtspTimeoutOption = ({ major }: FfmpegVersion): '-timeout' | '-stimeout' =>
  major >= 5 ? '-timeout' : '-stimeout';
