// Reads along what workers say, past the gateway, and works out in peace what alerts should have come of it.
import { Redis } from 'ioredis';

import { ScoreReader } from '../../dist/reading/score-reader.js';
import { elapsedMs } from '../../dist/core/frame.js';
import { cameraId } from '../../dist/core/ids.js';
import { decodeFacts, decodeOutcome } from '../../dist/redis/segment-codec.js';

/** @typedef {import('../../dist/core/alert.js').Alert} Alert */
/** @typedef {import('../../dist/core/segment-score.js').SegmentScore} SegmentScore */
/** @typedef {import('./alert-client.mjs').ToldAlert} ToldAlert */

/** What XREAD answers: streams, of entries, of names and values in turn. */
/** @typedef {readonly (readonly [Buffer, readonly (readonly [Buffer, readonly Buffer[]])[]])[]} Reply */

const GAP_MS = 2_000;

/** @param {Pick<SegmentScore, 'stamps'>} segment */
const firstOf = ({ stamps: [first] }) => {
  if (first === undefined) throw new Error('a segment without frames');
  return first;
};

export class Witness {
  #client;
  /** @type {string} */
  #stream;
  #from = '0';
  #isStopped = false;
  /**
   * By camera, then by first sequence.
   *
   * @type {Map<string, Map<number, SegmentScore>>}
   */
  #scores = new Map();
  #reading = Promise.resolve();
  /** @type {string[]} */
  problems = [];
  frameCount = 0;
  /** By the clock of ingest. */
  lastCapturedAtMs = 0;

  /** @param {{ port: number, stream: string }} options */
  constructor({ port, stream }) {
    this.#stream = stream;
    this.#client = new Redis(port, '127.0.0.1', {
      retryStrategy: () => 20,
      maxRetriesPerRequest: 0,
    });
    this.#client.on('error', () => undefined);
  }

  start() {
    this.#reading = this.#read();
  }

  async stop() {
    this.#isStopped = true;
    this.#client.disconnect();
    await this.#reading;
  }

  /**
   * Alert phases of a camera as one reader in peace tells them, without updates.
   *
   * @param {string} camera
   * @param {{ smoothing: number, threshold: number, policy: import('../../dist/reading/alert-tracker.js').AlertPolicy }} settings
   * @param {readonly ToldAlert[]} told alerts that the gateway told: it may close one while no frame comes, which
   *   only it can know
   */
  expected(camera, { smoothing, threshold, policy }, told) {
    /** @type {Alert[]} */
    const alerts = [];
    const reader = new ScoreReader({
      cameraId: cameraId(camera),
      smoothing,
      threshold,
      ignore: [],
      policy,
      gapMs: GAP_MS,
      onFrame: () => undefined,
      onAlert: (alert) => void alerts.push(alert),
    });
    const scores = [...(this.#scores.get(camera)?.values() ?? [])].sort(
      (a, b) => firstOf(a).sequence - firstOf(b).sequence,
    );
    /** @type {import('../../dist/core/frame.js').FrameStamp | undefined} */
    let last;
    for (const score of scores) {
      const isSilence = last !== undefined && elapsedMs(last, firstOf(score)) >= policy.cooldownMs;
      if (last !== undefined && isSilence && this.#wasClosedAt(told, last)) reader.expire(Infinity);
      reader.read(score);
      last = score.stamps.at(-1);
    }
    return alerts.filter(({ phase }) => phase !== 'update');
  }

  /**
   * @param {readonly ToldAlert[]} told
   * @param {{ readonly sequence: number }} last
   */
  #wasClosedAt(told, last) {
    return told.some((alert) => alert.phase === 'close' && alert.sequence === last.sequence);
  }

  async #read() {
    while (!this.#isStopped) {
      try {
        const args = ['COUNT', 64, 'BLOCK', 500, 'STREAMS', this.#stream, this.#from];
        const reply = /** @type {Reply | null} */ (await this.#client.callBuffer('XREAD', ...args));
        for (const [id, values] of reply?.[0]?.[1] ?? []) {
          this.#from = id.toString();
          this.#keep(values);
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20)); // Redis is away, as planned
      }
    }
  }

  /** @param {readonly Buffer[]} values */
  #keep(values) {
    /** @type {Map<string, Buffer>} */
    const fields = new Map();
    values.forEach((value, at) => {
      const name = values[at - 1];
      if (at % 2 === 1 && name !== undefined) fields.set(name.toString(), value);
    });
    const of = (/** @type {string} */ name) => fields.get(name) ?? Buffer.alloc(0);
    const facts = decodeFacts(of('facts'));
    const outcome = decodeOutcome(facts, of('outcome'), fields.get('maps'));
    if (outcome.kind !== 'scored') return;
    /** @type {Map<number, SegmentScore>} */
    const ofCamera = this.#scores.get(facts.cameraId) ?? new Map();
    this.#scores.set(facts.cameraId, ofCamera);
    const { sequence } = firstOf(facts);
    if (ofCamera.has(sequence)) this.problems.push(`frame ${sequence} was scored twice`);
    this.lastCapturedAtMs = facts.stamps.at(-1)?.capturedAtMs ?? 0;
    this.frameCount += facts.stamps.length;
    ofCamera.set(sequence, outcome.score);
  }
}
