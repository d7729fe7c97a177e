// Packets lost on the way: what ffmpeg makes of such pictures must not be taken for what the camera saw.
import { afterEach, expect, it } from 'vitest';
import { RtspServer, type RtspCamera } from '../../support/rtsp-server.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { childPids } from './child-pids.ts';
import { openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

const GOP = 10;
const CYCLE = 50;
const STEP = 4;
/** Grey frames that tell their number (modulo 50) by their brightness. */
const NUMBERED = `color=c=black:s=320x240:r=10,geq=lum=30+${STEP}*mod(N\\,${CYCLE}):cb=128:cr=128`;

/** One in the middle of a group of pictures, and one that is the key frame. */
const LOST = [62, 80];
const LAST = 103;
/** What is built on them, up to the next key frame. */
const isDamaged = (number: number): boolean =>
  (number >= 62 && number < 70) || (number >= 80 && number < 90);
/**
 * The loss is seen while the one before it is still being put together; and after a loss of all but the end of a group
 * of pictures, the next key frame may still be what the message was about.
 */
const isDoubtful = (number: number): boolean =>
  LOST.includes(number + 1) || (number >= 90 && number < 100);

/** Loses every packet of the frames in LOST, counted from the first one that the camera made. */
class Network {
  #firstTimestamp: number | undefined;
  latestFrame = 0;

  readonly loses = (packet: Buffer): boolean => {
    const timestamp = packet.readUInt32BE(4);
    this.#firstTimestamp ??= timestamp;
    this.latestFrame = Math.round(((timestamp - this.#firstTimestamp) >>> 0) / 9_000);
    return LOST.includes(this.latestFrame);
  };
}

/** Numbers of the frames, from the means of their pixels (full range). */
const numbersOf = (means: readonly number[]): number[] => {
  const numbers: number[] = [];
  for (const mean of means) {
    const inCycle = Math.round(((mean * 219) / 255 + 16 - 30) / STEP);
    const last = numbers.at(-1);
    numbers.push(
      last === undefined ? Math.abs(inCycle) : last + ((inCycle - last + 10 * CYCLE) % CYCLE),
    );
  }
  return numbers;
};

it.each(['H264', 'H265'] as const)(
  '%s: frames built on lost packets are left out, the others are not',
  async (codec) => {
    const network = new Network();
    const camera: RtspCamera = { codec, picture: NUMBERED, gop: GOP, isLost: network.loses };
    await using server = await new RtspServer({ camera, transports: ['udp'] }).start();
    const stop = new AbortController();
    const sink = new RecordingSink();
    const playing = openSource({ url: server.url(), transport: 'udp' }).play(sink, stop.signal);
    await waitUntil(() => network.latestFrame > LAST + 5, 60_000, 'frames after the losses');
    stop.abort();
    await playing;
    const seen = numbersOf(sink.means).filter((number) => number <= LAST && !isDoubtful(number));
    const [first = 0] = seen;
    const all = Array.from({ length: LAST + 1 }, (_, number) => number);
    expect(first).toBeLessThan(LOST[0]!);
    expect(seen).toEqual(
      all.filter((number) => number >= first && !isDamaged(number) && !isDoubtful(number)),
    );
    expect(sink.leftOut.length).toBeGreaterThanOrEqual(10);
  },
);
