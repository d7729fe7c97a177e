// What kind of source an address names, from its text alone. Everything that differs between kinds
// (protocols allowed, pacing, time stamps, what the end means) is decided from this.
import { PatchwatchError } from '../core/errors.ts';
import { redactUrl } from '../core/redact-url.ts';

/** `path` is a file or a folder of frames: only the disk can tell which. */
export type SourceKind = 'path' | 'rtsp' | 'http' | 'device';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const DEVICE = /^\/dev\/video[^/]*$/;
const RECORDING = /\.(?:mp4|m4v|mkv|webm|mov|avi|mpg|mpeg|ts|flv|wmv)$/i;
const SNAPSHOT = /\.(?:jpe?g|png)$/i;
const PLAYLIST = /\.(?:m3u8|mpd)$/i;

const KIND_BY_SCHEME: Readonly<Partial<Record<string, SourceKind>>> = {
  rtsp: 'rtsp',
  rtsps: 'rtsp',
  http: 'http',
  https: 'http',
  file: 'path',
};

/** Throws CONFIG_INVALID for an address scheme that no source kind covers. */
export const sourceKind = (url: string): SourceKind => {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return DEVICE.test(url) ? 'device' : 'path';
  const kind = KIND_BY_SCHEME[scheme];
  if (kind !== undefined) return kind;
  throw new PatchwatchError(
    'CONFIG_INVALID',
    `cannot read ${redactUrl(url)}: ${scheme}:// is not supported; ` +
      'use a path, rtsp://, rtsps://, http://, https:// or /dev/video0',
  );
};

const urlPath = (url: string): string => url.replace(/[?#].*$/, '');

/** One picture at a time over HTTP, to be asked for again and again. */
export const isSnapshot = (url: string): boolean =>
  sourceKind(url) === 'http' && SNAPSHOT.test(urlPath(url));

/**
 * True where running out of frames is a failure (a camera), false where it is the end (a recording). An HTTP address
 * that ends like a file's is taken for a recording here; only opening it tells whether it has a length.
 */
export const isLive = (url: string): boolean => {
  const kind = sourceKind(url);
  return kind === 'rtsp' || kind === 'device' || (kind === 'http' && !RECORDING.test(urlPath(url)));
};

/**
 * True where the stream's own time stamps are not to be trusted and the time of arrival is used:
 * cameras restart their clocks, and MJPEG over HTTP has none (ffmpeg would assume 25 frames/s).
 */
export const isTimedByArrival = (url: string): boolean =>
  sourceKind(url) !== 'device' && isLive(url) && !PLAYLIST.test(urlPath(url));
