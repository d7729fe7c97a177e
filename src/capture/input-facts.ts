// What ffmpeg says of a source once it has opened it: what it is made of, and how long it is. Only this tells a
// recording from a live stream whose address ends like a file's.

export interface InputFacts {
  /** ffmpeg's names for the container, comma-separated. */
  readonly format: string;
  /** False for what has no end known in advance: a live stream. */
  readonly hasLength: boolean;
}

const INPUT = /^\[info\] Input #0, (\S+), from /;
const DURATION = /^\[info\] {3}Duration: (N\/A|[\d:.]+)/;

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
    const duration = DURATION.exec(line)?.[1];
    if (duration === undefined) return undefined;
    this.#isRead = true;
    return { format: this.#format, hasLength: duration !== 'N/A' };
  }
}

/** Playlists of segments: their frames come in bursts, a segment at a time. */
export const isSegmented = ({ format }: InputFacts): boolean =>
  format.split(',').some((name) => name === 'hls' || name === 'dash');
