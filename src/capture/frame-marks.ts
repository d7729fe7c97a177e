// What ffmpeg writes to its log about each picture, read in step with everything else it says there: the presentation
// time of those that were chosen, and whether they are whole. One mark is written before each frame's
// pixels, but the two pipes are read independently: so the pixels may have to wait a moment for their mark.
import { PatchwatchError } from '../core/errors.ts';
import { readMark, type DecodedFrame } from './frame-selection.ts';

export interface FrameMark {
  readonly timeMs: number;
  readonly isDamaged: boolean;
}

export interface FrameMarksOptions {
  /** A line of the log that is no mark; without its end. */
  readonly onLine: (line: string) => void;
  /** Each decoded picture, chosen or not; true where it is damaged. */
  readonly judge: (frame: DecodedFrame) => boolean;
}

/** ffmpeg runs a handful of frames ahead of its output; more than this is not its doing. */
const MAX_WAITING = 4096;
const MAX_LINE_CHARS = 4096;

interface Waiter {
  readonly resolve: (mark: FrameMark) => void;
  readonly reject: (reason: Error) => void;
}

const noTimes = (): PatchwatchError =>
  new PatchwatchError(
    'SOURCE_UNREADABLE',
    'ffmpeg gave pixels without their times; if its path names a wrapper script, name ffmpeg itself',
  );

export class FrameMarks {
  readonly #options: FrameMarksOptions;
  readonly #marks: FrameMark[] = [];
  #waiter: Waiter | undefined;
  #isClosed = false;
  #unfinished = '';
  #isSkipping = false;

  constructor(options: FrameMarksOptions) {
    this.#options = options;
  }

  /** Text as it comes, cut anywhere. */
  push(text: string): void {
    const lines = (this.#unfinished + text).split(/[\r\n]+/);
    const unfinished = lines.pop() ?? '';
    for (const line of lines) this.#endLine(line);
    if (unfinished.length <= MAX_LINE_CHARS) {
      this.#unfinished = unfinished;
      return;
    }
    // What is longer is no mark; its beginning is told, its rest passed over.
    if (!this.#isSkipping) this.#options.onLine(unfinished);
    this.#isSkipping = true;
    this.#unfinished = '';
  }

  /**
   * Mark of the next frame that was chosen. One caller at a time; rejects with SOURCE_UNREADABLE when
   * no more can come.
   */
  take(): FrameMark | Promise<FrameMark> {
    const mark = this.#marks.shift();
    if (mark !== undefined) return mark;
    if (this.#isClosed) return Promise.reject(noTimes());
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** No more text comes. Marks already read can still be taken. */
  close(): void {
    if (this.#unfinished !== '') this.#endLine(this.#unfinished);
    this.#unfinished = '';
    this.#isClosed = true;
    this.#waiter?.reject(noTimes());
    this.#waiter = undefined;
  }

  #endLine(line: string): void {
    if (this.#isSkipping) this.#isSkipping = false;
    else if (line !== '') this.#read(line);
  }

  #read(line: string): void {
    const read = readMark(line);
    if (read === undefined) {
      this.#options.onLine(line);
      return;
    }
    const { timeMs, isChosen } = read;
    const isDamaged = this.#options.judge(read);
    if (!isChosen) return;
    if (this.#waiter !== undefined) {
      this.#waiter.resolve({ timeMs, isDamaged });
      this.#waiter = undefined;
    } else if (this.#marks.length < MAX_WAITING) {
      this.#marks.push({ timeMs, isDamaged });
    } else {
      this.close();
    }
  }
}
