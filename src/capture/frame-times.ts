// Presentation times of the frames, read from the text that ffmpeg writes beside the pixels. One time
// is written before each frame's pixels, but the two pipes are read independently: so the pixels
// may have to wait a moment for their time.
import { PatchwatchError } from '../core/errors.ts';

/** The metadata filter's line on its own pipe, and showinfo's in the log (ffmpeg 4). */
const METADATA_LINE = /^frame:\d+\s+pts:(-?\d+|NOPTS)\s/;
const SHOWINFO_LINE = /^\[Parsed_showinfo_\d+ @ [^\]]+\] \[info\] n: *\d+ pts: *(-?\d+|NOPTS) /;

/** ffmpeg runs a handful of frames ahead of its output; more than this is not its doing. */
const MAX_WAITING = 4096;
const MAX_LINE_CHARS = 4096;

interface Waiter {
  readonly resolve: (timeMs: number) => void;
  readonly reject: (reason: Error) => void;
}

const noTimes = (): PatchwatchError =>
  new PatchwatchError(
    'SOURCE_UNREADABLE',
    'ffmpeg gave pixels without their times; if its path names a wrapper script, name ffmpeg itself',
  );

export class FrameTimes {
  readonly #times: number[] = [];
  #waiter: Waiter | undefined;
  #isClosed = false;
  #unfinished = '';
  #lastMs = 0;

  /** Text as it comes, cut anywhere. */
  push(text: string): void {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) this.#read(line);
  }

  /**
   * Time of the next frame in milliseconds. One caller at a time; rejects with SOURCE_UNREADABLE when
   * no more can come.
   */
  take(): number | Promise<number> {
    const timeMs = this.#times.shift();
    if (timeMs !== undefined) return timeMs;
    if (this.#isClosed) return Promise.reject(noTimes());
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** No more text comes. Times already read can still be taken. */
  close(): void {
    this.#isClosed = true;
    this.#waiter?.reject(noTimes());
    this.#waiter = undefined;
  }

  #read(line: string): void {
    const pts = (METADATA_LINE.exec(line) ?? SHOWINFO_LINE.exec(line))?.[1];
    if (pts === undefined) return;
    // A frame without a time stamp keeps the one before it.
    if (pts !== 'NOPTS') this.#lastMs = Number(pts);
    if (this.#waiter !== undefined) {
      this.#waiter.resolve(this.#lastMs);
      this.#waiter = undefined;
    } else if (this.#times.length < MAX_WAITING) {
      this.#times.push(this.#lastMs);
    } else {
      this.close();
    }
  }
}
