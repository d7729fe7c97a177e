// Which pictures of a live stream are damaged. Packets that were lost leave a picture grey or smeared, and every one
// after it that is built on it, until the next key frame; ffmpeg hands them out as if they were whole, and says so
// in its log only. So the log is read in step with the pictures: what it says before a picture is about that one.

import type { DecodedFrame } from './frame-selection.ts';

/** Said while packets are read, whatever the codec: some are missing. */
const LOST = [
  /RTP: missed \d+ packets/,
  /RTP: PT=[0-9a-f]+: bad cseq/,
  /Packet corrupt \(stream/,
] as const;

/**
 * Said by decoders, 4 to 7. A list of what is known to harm and not everything they say: healthy cameras make them
 * complain too (of SEI, of APP fields, of `mmco`).
 */
const BROKEN = [
  /corrupt decoded frame/,
  // H.264 and MPEG-4
  /error while decoding MB/,
  /concealing \d+ DC/,
  /Frame num gap/,
  /Missing reference picture/,
  /(?:left|top) block unavailable/,
  /decode_slice_header error/,
  /Invalid NAL unit size/,
  /missing picture in access unit/,
  // H.265
  /Could not find ref with POC/,
  /Error constructing the frame RPS/,
  /cu_qp_delta -?\d+ is outside the valid range/,
  /First slice in a frame missing/,
  /CABAC_MAX_BIN/,
  /Zero refs (?:for a frame|in the frame)/,
] as const;

export type DamageMessage = 'lost' | 'broken';

/** What a line of ffmpeg's log says of damage; undefined where nothing. */
export const damageOf = (line: string): DamageMessage | undefined => {
  if (LOST.some((one) => one.test(line))) return 'lost';
  return BROKEN.some((one) => one.test(line)) ? 'broken' : undefined;
};

/**
 * How many pictures after a message it may still be about. A decoder speaks of the one it is at; a reader of packets is
 * ahead of it by the picture being put together and the one the parser holds.
 */
const SUSPECTS = { broken: 1, lost: 3 } as const;
/** Pictures between which others are shown come out later, by so many at most. */
const MAX_REORDERED = 4;
/** ffmpeg reads at most so much of a stream to find out what it is, and decodes it afterwards. */
const PROBED_MS = 5_000;

export class Damage {
  readonly #threadCount: number;
  #isDamaged = false;
  /** So many of the next pictures may be what the latest messages are about. */
  #suspectCount = 0;
  #isReordered = false;
  #firstTimeMs: number | undefined;
  #isOpen = false;
  #isProbeDamaged = false;
  #isBeginningBroken = false;

  /** `threadCount`: decoder threads, each of which may be one picture behind. */
  constructor(options: { readonly threadCount: number }) {
    this.#threadCount = options.threadCount;
  }

  /** ffmpeg knows what the stream is: from now on it decodes what it has read for that, and goes on reading. */
  opened(): void {
    this.#isOpen = true;
  }

  /** A line of the log. */
  read(line: string): void {
    const message = damageOf(line);
    if (message === undefined) return;
    // Before the first picture decoders complain of what they can't show: whoever joins a stream comes in the middle
    // of it. That harms only where they then begin with a picture that is no key frame.
    if (message === 'broken' && this.#firstTimeMs === undefined) {
      this.#isBeginningBroken = true;
      return;
    }
    this.#isDamaged = true;
    const delay = (this.#isReordered ? MAX_REORDERED : 0) + this.#threadCount - 1;
    this.#suspectCount = Math.max(this.#suspectCount, SUSPECTS[message] + delay);
    if (!this.#isOpen) this.#isProbeDamaged = true;
  }

  /**
   * The next decoded picture, in order of presentation; true where it is damaged. A key frame ends the damage unless a
   * message came so shortly before it that it may be about the key frame.
   */
  sawFrame({ timeMs, isKey, isBidirectional }: DecodedFrame): boolean {
    if (this.#firstTimeMs === undefined) {
      this.#firstTimeMs = timeMs;
      if (this.#isBeginningBroken && !isKey) this.#isDamaged = true;
    }
    if (isBidirectional) this.#isReordered = true;
    const isSuspect = this.#suspectCount > 0;
    if (isSuspect) this.#suspectCount -= 1;
    if (!this.#isDamaged) return false;
    const isProbed = this.#isProbeDamaged && timeMs - this.#firstTimeMs < PROBED_MS;
    if (isKey && !isProbed && !isSuspect) this.#isDamaged = false;
    return this.#isDamaged;
  }
}
