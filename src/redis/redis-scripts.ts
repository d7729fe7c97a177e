// The Lua scripts that move frames in Redis, each one step that happens whole or not at all. Their text is in
// lua/, every one after the shared beginning; Redis knows them by their sha1 and is told again when it forgot.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { toError } from '../core/errors.ts';
import type { RedisLink } from './redis-link.ts';

export type ScriptName =
  | 'offer'
  | 'claim'
  | 'settle'
  | 'give-back'
  | 'lose'
  | 'sweep'
  | 'reissue'
  | 'depth'
  | 'ledger'
  | 'audit';

export type ScriptValue = string | number | Buffer;

/** What the scripts go by; a namespace's users should agree on it. */
export interface ScriptSettings {
  readonly maxFramesPerCamera: number;
  readonly maxFrames: number;
  readonly maxFrameAgeMs: number;
  /** Outcomes that may wait for their reader before no more work is handed out. */
  readonly maxUnread: number;
  /** Instead of Redis's own clock. */
  readonly nowMs?: number;
}

interface Script {
  readonly text: string;
  readonly sha: string;
}

const scriptText = (name: string): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

export class RedisScripts {
  readonly #link: RedisLink;
  readonly #scripts = new Map<ScriptName, Script>();

  constructor(link: RedisLink) {
    this.#link = link;
  }

  /** Waits for as long as Redis is away. Text in the answer comes as buffers. */
  async run(
    name: ScriptName,
    settings: Partial<ScriptSettings>,
    values: readonly ScriptValue[] = [],
  ): Promise<unknown> {
    const { text, sha } = this.#script(name);
    const args = [1, `${this.#link.prefix}:state`, JSON.stringify(settings), ...values];
    const { commands } = this.#link;
    try {
      return await commands.callBuffer('EVALSHA', sha, ...args);
    } catch (error) {
      if (!toError(error).message.startsWith('NOSCRIPT')) throw error;
      return commands.callBuffer('EVAL', text, ...args);
    }
  }

  #script(name: ScriptName): Script {
    let script = this.#scripts.get(name);
    if (script === undefined) {
      const text = `${scriptText('accounts')}\n${scriptText(name)}`;
      script = { text, sha: createHash('sha1').update(text).digest('hex') };
      this.#scripts.set(name, script);
    }
    return script;
  }
}
