// A small Lua script that Redis runs as one step, sent whole only when Redis does not know it yet. For what is asked
// or said now: it fails at once while Redis is away.
import { createHash } from 'node:crypto';

import { toError } from '../core/errors.ts';
import type { RedisLink } from './redis-link.ts';

export class RedisScript {
  readonly #text: string;
  readonly #sha1: string;

  constructor(text: string) {
    this.#text = text.trim();
    this.#sha1 = createHash('sha1').update(this.#text).digest('hex');
  }

  /**
   * What the script returns; strings as bytes.
   *
   * @throws PatchwatchError QUEUE_UNAVAILABLE: it may have been done all the same
   */
  run(
    link: RedisLink,
    keys: readonly string[],
    values: readonly (string | number | Uint8Array)[] = [],
  ): Promise<unknown> {
    const args = values.map((value) => (value instanceof Uint8Array ? toBuffer(value) : value));
    const rest = [keys.length, ...keys, ...args];
    return link.ask(async () => {
      try {
        return await link.commands.callBuffer('EVALSHA', this.#sha1, ...rest);
      } catch (error) {
        if (!toError(error).message.startsWith('NOSCRIPT')) throw error;
        return link.commands.callBuffer('EVAL', this.#text, ...rest);
      }
    });
  }
}

const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
