// The command line of one ffmpeg child: source, options and version in, argument list out. Pure, and
// never passed through a shell. Pixels leave on stdout, frame times in the log on stderr.
import { FRAME_SIDE, MAX_PIXELS } from '../../core/frame.ts';
import { decodingArgs, type Decoding } from '../decoding.ts';
import { hasFpsMode, rtspTimeoutOption, type FfmpegVersion } from './ffmpeg-version.ts';
import { selectExpression } from '../frame-selection.ts';

export type RtspTransport = 'tcp' | 'udp';

export type FfmpegInput =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly isPaced: boolean;
      /** Stream time of the first frame to play; default 0. */
      readonly startAtMs?: number;
    }
  /** The list of frames comes on stdin, one frame a second; `framesPerSecond` is their real rate. */
  | { readonly kind: 'folder'; readonly framesPerSecond: number; readonly isPaced: boolean }
  | { readonly kind: 'rtsp'; readonly url: string; readonly transport: RtspTransport }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly isPaced: boolean;
      /** Media time is the time of arrival since then (ms since the epoch), not the stream's own. */
      readonly arrivalStartMs?: number;
    }
  | { readonly kind: 'device'; readonly path: string };

export interface FfmpegArgsOptions {
  readonly input: FfmpegInput;
  readonly version: FfmpegVersion;
  /** Frames a second to pass on at most; `all` passes every frame. */
  readonly fps: number | 'all';
  /** Decoder threads. */
  readonly threadCount: number;
  readonly decoding: Decoding;
  /** A socket that brings nothing for this long has failed. */
  readonly ioTimeoutMs: number;
}

/** A key frame of a 4K camera arrives as one burst; the default UDP buffer loses half of it. */
const UDP_BUFFER_BYTES = '2097152';

/**
 * Protocols each kind may use. Without the list, a playlist or a redirect could make ffmpeg open local files in the
 * name of a camera. Other hosts it can reach all the same: HTTP redirects, playlists and RTSP's 302 are followed by
 * ffmpeg itself, which has no option against it. Whoever does not trust a camera keeps it in a network of its own.
 */
const PROTOCOLS = {
  file: 'file',
  folder: 'file,pipe',
  rtsp: 'rtp,udp,tcp,tls',
  http: 'http,https,tls,tcp,crypto',
} as const;

const SKIP_CORRUPT = ['-fflags', '+genpts+discardcorrupt'];

const inputArgs = ({ input, version, ioTimeoutMs }: FfmpegArgsOptions): string[] => {
  const ioTimeoutUs = String(Math.round(ioTimeoutMs * 1_000));
  const allow = (kind: keyof typeof PROTOCOLS): string[] => [
    '-protocol_whitelist',
    PROTOCOLS[kind],
  ];
  switch (input.kind) {
    case 'file':
      return [
        ...(input.isPaced ? ['-re'] : []),
        ...(input.startAtMs === undefined ? [] : ['-ss', String(input.startAtMs / 1000)]),
        ...allow('file'),
        ...['-i', `file:${input.path}`],
      ];
    case 'folder':
      return [...allow('folder'), '-f', 'concat', '-safe', '0', '-i', 'pipe:0'];
    case 'rtsp':
      return [
        ...allow('rtsp'),
        ...['-rtsp_transport', input.transport, rtspTimeoutOption(version), ioTimeoutUs],
        ...(input.transport === 'udp' ? ['-buffer_size', UDP_BUFFER_BYTES] : []),
        ...['-allowed_media_types', 'video', '-use_wallclock_as_timestamps', '1'],
        ...[...SKIP_CORRUPT, '-i', input.url],
      ];
    case 'http':
      return [
        ...(input.isPaced ? ['-re'] : []),
        ...allow('http'),
        ...['-rw_timeout', ioTimeoutUs, ...SKIP_CORRUPT, '-i', input.url],
      ];
    case 'device':
      return ['-f', 'v4l2', '-i', input.path];
  }
};

/**
 * Bicubic with full chroma and exact rounding: widened by swscale when shrinking, so it does not
 * alias, and within 0.4 grey levels of the resize that the backbone was trained with (2 without the
 * two flags). Area averaging is 1.4 ms a 1080p frame cheaper, but twice to three times as far off
 * and turns bilinear where a side grows (240 lines to 256). Only chosen frames pay.
 */
const SCALE = `scale=${FRAME_SIDE}:${FRAME_SIDE}:flags=bicubic+accurate_rnd+full_chroma_int`;

const filterGraph = ({ input, fps }: FfmpegArgsOptions): string => {
  // In milliseconds, because seconds would be rounded to six digits: 0.1 s short after a day.
  const filters = ['settb=1/1000'];
  if (input.kind === 'folder') {
    filters.push(`setpts=round(PTS/${input.framesPerSecond})`);
    if (input.isPaced) filters.push('realtime');
  }
  // From ffmpeg 7 on, wall-clock time stamps of the demuxer are ignored for formats without any (MJPEG).
  if (input.kind === 'http' && input.arrivalStartMs !== undefined) {
    filters.push(`setpts=RTCTIME/1000-${input.arrivalStartMs}`);
  }
  return [...filters, `select='${selectExpression(fps)}'`, SCALE, 'format=rgb24'].join();
};

export const ffmpegArgs = (options: FfmpegArgsOptions): string[] => {
  const { version, threadCount, decoding } = options;
  return [
    // Every line with its level, none joined with the one before it: two frames may have the same time.
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+info'],
    ...['-filter_threads', '1', '-threads', String(threadCount)],
    // The filters live on when the picture's size changes: made anew, they would forget when the next frame is due,
    // and let every frame of a stream through whose size changes with every frame. `scale` adapts itself.
    ...[...decodingArgs(decoding), '-reinit_filter', '0', '-max_pixels', String(MAX_PIXELS)],
    ...inputArgs(options),
    ...['-map', '0:v:0', '-vf', filterGraph(options)],
    ...[hasFpsMode(version) ? '-fps_mode' : '-vsync', 'passthrough'],
    ...['-c:v', 'rawvideo', '-pix_fmt', 'rgb24', '-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'],
  ];
};
