// Reads along what workers say, past the gateway, and works out in peace what alerts should have come of it.
import { Redis } from 'ioredis';

import { ScoreReader } from '../../dist/pipeline/score-reader.js';
import { elapsedMs } from '../../dist/core/frame.js';
import { decodeFacts, decodeOutcome } from '../../dist/queue/segment-codec.js';

const GAP_MS = 2_000;

export class Witness {
  #client;
  #stream;
  #from = '0';
  #isStopped = false;
  /** By camera, then by first sequence. */
  #scores = new Map();
  #reading = Promise.resolve();
  problems = [];
  frameCount = 0;
  /** By the clock of ingest. */
  lastCapturedAtMs = 0;

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
   * @param policy of the alerts
   * @param told alerts that the gateway told: it may close one while no frame comes, which only it can know
   */
  expected(camera, { smoothing, threshold, policy }, told) {
    const alerts = [];
    const reader = new ScoreReader({
      cameraId: camera,
      smoothing,
      threshold,
      ignore: [],
      policy,
      gapMs: GAP_MS,
      onFrame: () => undefined,
      onAlert: (alert) => alerts.push(alert),
    });
    const scores = [...(this.#scores.get(camera)?.values() ?? [])].sort(
      (a, b) => a.stamps[0].sequence - b.stamps[0].sequence,
    );
    let last;
    for (const score of scores) {
      const isSilence = last !== undefined && elapsedMs(last, score.stamps[0]) >= policy.cooldownMs;
      if (isSilence && this.#wasClosedAt(told, last)) reader.expire(Infinity);
      reader.read(score);
      last = score.stamps.at(-1);
    }
    return alerts.filter(({ phase }) => phase !== 'update');
  }

  #wasClosedAt(told, { sequence }) {
    return told.some((alert) => alert.phase === 'close' && alert.sequence === sequence);
  }

  async #read() {
    while (!this.#isStopped) {
      try {
        const args = ['COUNT', 64, 'BLOCK', 500, 'STREAMS', this.#stream, this.#from];
        const reply = await this.#client.callBuffer('XREAD', ...args);
        for (const [id, values] of reply?.[0]?.[1] ?? []) {
          this.#from = id.toString();
          this.#keep(values);
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20)); // Redis is away, as planned
      }
    }
  }

  #keep(values) {
    const fields = new Map();
    for (let at = 0; at < values.length; at += 2) fields.set(values[at].toString(), values[at + 1]);
    const facts = decodeFacts(fields.get('facts'));
    const outcome = decodeOutcome(facts, fields.get('outcome'), fields.get('maps'));
    if (outcome.kind !== 'scored') return;
    const ofCamera = this.#scores.get(facts.cameraId) ?? new Map();
    this.#scores.set(facts.cameraId, ofCamera);
    const { sequence } = facts.stamps[0];
    if (ofCamera.has(sequence)) this.problems.push(`frame ${sequence} was scored twice`);
    this.lastCapturedAtMs = facts.stamps.at(-1).capturedAtMs;
    this.frameCount += facts.stamps.length;
    ofCamera.set(sequence, outcome.score);
  }
}
