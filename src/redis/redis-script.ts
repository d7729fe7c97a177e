// A Lua script that Redis runs as one step, whole or not at all. Its text is a file of lua/; Redis knows it by its sha1,
// and is told the whole again when it forgot.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { toError } from '../core/errors.ts';
import type { RedisLink } from './redis-link.ts';

export type ScriptValue = string | number | Uint8Array;

const textOf = (name: string): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8').trim();

export class RedisScript {
  readonly #names: readonly string[];
  #loaded: { readonly text: string; readonly sha1: string } | undefined;

  /** @param names of files that follow on each other in one script */
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  /**
   * What the script returns; strings as bytes. For what is asked or said now: it fails at once while Redis is away.
   *
   * @throws PatchwatchError QUEUE_UNAVAILABLE: it may have been done all the same
   */
  run(
    link: RedisLink,
    keys: readonly string[],
    values: readonly ScriptValue[] = [],
  ): Promise<unknown> {
    return link.ask(() => this.send(link, keys, values));
  }

  /** The same, for as long as it takes while Redis is away. */
  async send(
    { commands }: RedisLink,
    keys: readonly string[],
    values: readonly ScriptValue[],
  ): Promise<unknown> {
    const { text, sha1 } = this.#load();
    const args = values.map((value) => (value instanceof Uint8Array ? toBuffer(value) : value));
    const rest = [keys.length, ...keys, ...args];
    try {
      return await commands.callBuffer('EVALSHA', sha1, ...rest);
    } catch (error) {
      if (!toError(error).message.startsWith('NOSCRIPT')) throw error;
      return commands.callBuffer('EVAL', text, ...rest);
    }
  }

  #load(): { readonly text: string; readonly sha1: string } {
    if (this.#loaded === undefined) {
      const text = this.#names.map(textOf).join('\n');
      this.#loaded = { text, sha1: createHash('sha1').update(text).digest('hex') };
    }
    return this.#loaded;
  }
}

const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
