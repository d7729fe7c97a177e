// Who is there: every process says so again and again, with what it does; who stops is forgotten after a while.
import type { CameraId } from '../core/ids.ts';
import type { CameraState } from '../core/ports/live-state.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

/** Three beats missed. */
const EXPIRES_MS = 5_000;

export interface WorkerFacts {
  readonly role: 'worker';
  /** Its scoring process takes work. */
  readonly isReady: boolean;
  readonly engine: string;
  readonly batchFrames: number;
  /** `<camera>/<scene>` of the models that it scored with last. */
  readonly scenes: readonly string[];
}

export interface IngestFacts {
  readonly role: 'ingest';
  readonly cameras: readonly {
    readonly cameraId: CameraId;
    readonly state: CameraState;
    /** Without credentials. */
    readonly reason: string | undefined;
  }[];
}

export type MemberFacts = WorkerFacts | IngestFacts;

export interface RedisPresenceOptions {
  readonly link: RedisLink;
}

const BEAT = new RedisScript(`#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 1
`);

const MEMBERS = new RedisScript(`#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
return redis.call('HVALS', KEYS[2])
`);

const LEAVE = new RedisScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
`);

export class RedisPresence {
  readonly #link: RedisLink;

  constructor({ link }: RedisPresenceOptions) {
    this.#link = link;
  }

  /** @param id of the process; says nothing of its machine */
  async beat(id: string, facts: MemberFacts): Promise<void> {
    await BEAT.run(this.#link, this.#keys(), [id, EXPIRES_MS, JSON.stringify(facts)]);
  }

  async leave(id: string): Promise<void> {
    await LEAVE.run(this.#link, this.#keys(), [id]);
  }

  async members(): Promise<readonly MemberFacts[]> {
    const values = (await MEMBERS.run(this.#link, this.#keys())) as readonly Buffer[];
    return values.map((value) => JSON.parse(value.toString('utf8')) as MemberFacts);
  }

  #keys(): readonly string[] {
    const { prefix } = this.#link;
    return [`${prefix}:presence:until`, `${prefix}:presence:facts`];
  }
}
