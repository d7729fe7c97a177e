// The scripts that move frames in Redis: lines, leases and accounts change together, after one shared beginning.
import type { RedisLink } from './redis-link.ts';
import { RedisScript, type ScriptValue } from './redis-script.ts';

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

export class FrameScripts {
  readonly #link: RedisLink;
  readonly #scripts = new Map<ScriptName, RedisScript>();

  constructor(link: RedisLink) {
    this.#link = link;
  }

  /** Waits for as long as Redis is away. Text in the answer comes as buffers. */
  run(
    name: ScriptName,
    settings: Partial<ScriptSettings>,
    values: readonly ScriptValue[] = [],
  ): Promise<unknown> {
    let script = this.#scripts.get(name);
    if (script === undefined) {
      script = new RedisScript('accounts', name);
      this.#scripts.set(name, script);
    }
    return script.send(
      this.#link,
      [`${this.#link.prefix}:state`],
      [JSON.stringify(settings), ...values],
    );
  }
}
