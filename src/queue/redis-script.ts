// A Lua script that Redis runs as one step, sent whole only when Redis does not know it yet.
import { createHash } from 'node:crypto';

import type { RedisClient } from './redis-options.ts';

type ScriptArgument = string | number | Uint8Array;

export class RedisScript {
  readonly #source: string;
  readonly #sha1: string;

  constructor(source: string) {
    this.#source = source.trim();
    this.#sha1 = createHash('sha1').update(this.#source).digest('hex');
  }

  /** What the script returns; strings as bytes. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    const rest = [
      keys.length,
      ...keys,
      ...args.map((arg) => (arg instanceof Uint8Array ? toBuffer(arg) : arg)),
    ];
    try {
      return await client.callBuffer('EVALSHA', this.#sha1, ...rest);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.callBuffer('EVAL', this.#source, ...rest);
    }
  }
}

const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
