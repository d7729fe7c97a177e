// Reads along what workers say, beside the gateway: the score of every frame as it was before smoothing.
import { Redis } from 'ioredis';

import { decodeFacts, decodeOutcome } from '../../src/redis/segment-codec.ts';

const STREAM = '{patchwatch:default}:outcomes';

type Reply = readonly (readonly [Buffer, readonly (readonly [Buffer, readonly Buffer[]])[]])[];

export class OutcomeTail implements AsyncDisposable {
  /** Highest cell of each frame's map, by camera and stream time. */
  readonly #scores = new Map<string, Map<number, number>>();
  readonly #client: Redis;
  #reading: Promise<void> = Promise.resolve();

  private constructor(url: string) {
    this.#client = new Redis(url);
    this.#client.on('error', () => undefined);
  }

  static start(url: string): OutcomeTail {
    const tail = new OutcomeTail(url);
    tail.#reading = tail.#read().catch(() => undefined); // ends with the connection
    return tail;
  }

  /** Those of one camera. */
  scores(camera: string): ReadonlyMap<number, number> {
    return this.#scores.get(camera) ?? new Map<number, number>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect();
    await this.#reading;
  }

  async #read(): Promise<void> {
    for (let from = '0'; ;) {
      const args = ['COUNT', 64, 'BLOCK', 1_000, 'STREAMS', STREAM, from];
      const reply = (await this.#client.callBuffer('XREAD', ...args)) as Reply | null;
      for (const [id, values] of reply?.[0]?.[1] ?? []) {
        from = id.toString();
        this.#keep(values);
      }
    }
  }

  #keep(values: readonly Buffer[]): void {
    const field = (name: string): Buffer | undefined =>
      values[values.findIndex((value, at) => at % 2 === 0 && value.toString() === name) + 1];
    const facts = decodeFacts(field('facts')!);
    const outcome = decodeOutcome(facts, field('outcome')!, field('maps'));
    if (outcome.kind !== 'scored') return;
    const { cameraId, stamps, side, maps } = outcome.score;
    const scores = this.#scores.get(cameraId) ?? new Map<number, number>();
    this.#scores.set(cameraId, scores);
    stamps.forEach(({ mediaTimeMs }, index) => {
      const map = maps.subarray(index * side * side, (index + 1) * side * side);
      scores.set(mediaTimeMs, Math.max(...map));
    });
  }
}
