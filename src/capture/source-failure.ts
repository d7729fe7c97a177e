// Turns what ffmpeg wrote before it gave up into one line for the person who has to fix it: what is
// wrong with the source, and what to do about it.
import { PatchwatchError } from '../core/errors.ts';

interface Explanation {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly remedy: string;
  readonly isRefusal?: true;
}

const TIMEOUT = /timed out/i;

/** In order of how much they say: ffmpeg often adds a vaguer line after the clear one. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /401 Unauthorized|authorization failed/i,
    problem: 'it refused the user or password (401)',
    remedy:
      'check the user and password in its address (it is tried again seldom, as cameras lock accounts)',
    isRefusal: true,
  },
  {
    pattern: /403 Forbidden|access denied/i,
    problem: 'it forbids access (403)',
    remedy:
      "check the user's rights on the camera and its allow-list (it is tried again seldom, as cameras lock accounts)",
    isRefusal: true,
  },
  {
    pattern: /404 (?:Stream )?Not Found/i,
    problem: 'it knows no such stream (404)',
    remedy: 'check the path in its address',
  },
  {
    pattern: /461 |Unsupported transport|Nonmatching transport/i,
    problem: 'it does not offer this RTSP transport',
    remedy: 'set transport to the other of tcp and udp',
  },
  {
    pattern:
      /5(?:\d\d|XX) (?:Server Error|Internal Server Error|Service Unavailable)|453 Not Enough/i,
    problem: 'it is overloaded or out of sessions',
    remedy: 'close other viewers, or restart the camera',
  },
  {
    pattern: /Connection refused/i,
    problem: 'connection refused',
    remedy: 'check host and port, and that it is switched on',
  },
  {
    pattern: /No route to host|(?:Network|Host) is unreachable/i,
    problem: 'its host is unreachable',
    remedy: 'check the network and the host in its address',
  },
  {
    pattern:
      /Name or service not known|Failed to resolve hostname|name resolution|No address associated/i,
    problem: 'its host name is unknown',
    remedy: 'check the host in its address',
  },
  {
    pattern: TIMEOUT,
    problem: 'it did not answer in time',
    remedy: 'check that it is switched on and reachable from here',
  },
  {
    pattern: /not on whitelist/i,
    problem: 'it leads to a protocol that is not allowed for it',
    remedy: 'name the final address itself',
  },
  {
    pattern: /moov atom not found/i,
    problem: 'the file is truncated or still being written (moov atom not found)',
    remedy: 'copy it again, or wait until the recording is finished',
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    problem: 'there is no video in it',
    remedy: 'name a source with a video stream',
  },
  {
    pattern: /Device or resource busy/i,
    problem: 'another program uses the device',
    remedy: 'close the other program',
  },
  {
    pattern: /Permission denied|Operation not permitted/i,
    problem: 'permission denied',
    remedy: 'let the user of this process read it (a device: group video)',
  },
  {
    pattern: /Unknown decoder|Decoder .*not found|no decoder|Could not find codec parameters/i,
    problem: 'this ffmpeg can not decode it',
    remedy: 'install a full build of ffmpeg, or set the camera to H.264',
  },
  {
    pattern: /Unrecognized option|Option .* not found|Error parsing options/i,
    problem: 'this ffmpeg does not know an option it should',
    remedy: 'install a release of ffmpeg, version 4 or newer',
  },
  {
    pattern: /No such file or directory|No such device/i,
    problem: 'there is no such file or device',
    remedy: 'check the path',
  },
  {
    pattern: /\b(?:https|rtsps):\/\/.*: Input\/output error/,
    problem: 'it made no TLS connection',
    remedy: 'check that the port in its address is one for TLS, or leave TLS out (http, rtsp)',
  },
  {
    // No RTSP server says what is no video: ffmpeg reports so that none answered, or something else did.
    pattern: /\brtsps?:\/\/.*: Invalid data found/,
    problem: 'it gave no answer in RTSP',
    remedy: 'check host and port in its address',
  },
  {
    pattern: /\b(?:https?|rtsps?):\/\/.*: End of file/,
    problem: 'it closed the connection without an answer',
    remedy: 'check port and path in its address',
  },
  {
    pattern: /Invalid data found|Unable to find a suitable|could not find codec|partial file/i,
    problem: 'it is not a video that ffmpeg can read',
    remedy: 'check that it plays elsewhere',
  },
];

/** A line that says that something did not come in time. */
export const isTimeout = (line: string): boolean => TIMEOUT.test(line);

const MAX_QUOTE_CHARS = 200;

/** Warnings that ffmpeg writes in passing, and its information, explain no failure. */
const withoutNoise = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/\[(?:info|warning|verbose)\]|Conversion failed!/.test(line));

const stripPrefixes = (line: string): string =>
  line.replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\] ?|\[(?:error|fatal|panic)\] ?/g, '').trim();

/** The line that says most about the failure, shortened; undefined when ffmpeg said nothing. */
export const lastUsefulLine = (lines: readonly string[]): string | undefined => {
  const useful = withoutNoise(lines);
  const known = EXPLANATIONS.map(({ pattern }) =>
    useful.findLast((line) => pattern.test(line)),
  ).find((line) => line !== undefined);
  const line = known ?? useful.at(-1);
  return line === undefined ? undefined : stripPrefixes(line).slice(0, MAX_QUOTE_CHARS);
};

/**
 * The error for a child that ended without doing its work. `lines` are its last lines, redacted;
 * `fallback` is said when none of them is understood.
 */
export const sourceFailure = (
  description: string,
  lines: readonly string[],
  fallback: string,
): PatchwatchError => {
  const line = lastUsefulLine(lines);
  const known = EXPLANATIONS.find(({ pattern }) => line !== undefined && pattern.test(line));
  const problem =
    known === undefined
      ? `${fallback}; check that it plays elsewhere`
      : `${known.problem}; ${known.remedy}`;
  const quote = line === undefined ? '' : ` (ffmpeg: ${line})`;
  return new PatchwatchError(
    known?.isRefusal === true ? 'SOURCE_REFUSED' : 'SOURCE_UNREADABLE',
    `cannot play ${description}: ${problem}${quote}`,
  );
};
