// What ffmpeg says of a source once it has opened it: what it is made of, and how long it is. Only this tells a
// recording from a live stream whose address ends like a file's.
// A duration alone does not: of a live stream in MP4 or FLV ffmpeg takes the fragments it has read for the whole.

export interface InputFacts {
  /** ffmpeg's names for the container, comma-separated. */
  readonly format: string;
  /** Undefined for what has no end known in advance: a live stream. */
  readonly lengthMs: number | undefined;
}

/** Durations are rounded, and streams of one file end at different times. */
const LENGTH_TOLERANCE_MS = 5_000;

/** True for a live stream that looked as if it had a length and went on past it. */
export const isPastEnd = ({ lengthMs }: InputFacts, playedMs: number): boolean =>
  lengthMs !== undefined && playedMs > lengthMs + LENGTH_TOLERANCE_MS;

const INPUT = /^\[info\] Input #0, (\S+), from /;
/** The bit rate is known where the size in bytes is. */
const DURATION = /^\[info\] {3}Duration: (\S+?),.* bitrate: (\S+)/;

const lengthOf = (duration: string, bitRate: string): number | undefined => {
  const [hours, minutes, seconds] = duration.split(':').map(Number);
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  return bitRate === 'N/A' ? undefined : ((hours * 60 + minutes) * 60 + seconds) * 1_000;
};

export class InputFactsReader {
  #format: string | undefined;
  #isRead = false;

  /** A line of ffmpeg's log; the facts, once, with the line that completes them. */
  read(line: string): InputFacts | undefined {
    if (this.#isRead) return undefined;
    if (this.#format === undefined) {
      this.#format = INPUT.exec(line)?.[1];
      return undefined;
    }
    const [, duration, bitRate] = DURATION.exec(line) ?? [];
    if (duration === undefined || bitRate === undefined) return undefined;
    this.#isRead = true;
    return { format: this.#format, lengthMs: lengthOf(duration, bitRate) };
  }
}

/** Playlists of segments: their frames come in bursts, a segment at a time. */
export const isSegmented = ({ format }: InputFacts): boolean =>
  format.split(',').some((name) => name === 'hls' || name === 'dash');
