// Who is there: every process says so again and again, with what it does; who stops is forgotten after a while.
import { z } from 'zod';

import type { CameraId } from '../core/ids.ts';
import { CAMERA_STATES, type CameraState } from '../core/ports/live-state.ts';
import { cameraField, countField, listField, maybe } from '../entries/fields.ts';
import { EntryError, parseJsonEntry } from '../entries/parse-entry.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

/** Three beats missed. */
const EXPIRES_MS = 5_000;
const MOST_MEMBERS = 1_000;
const MOST_BYTES = 1_048_576;
const MOST_NAMES = 10_000;
const LONGEST_TEXT = 4_096;

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

const textField = z.string().max(LONGEST_TEXT);

const memberSchema: z.ZodType<MemberFacts> = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('worker'),
    isReady: z.boolean(),
    engine: textField,
    batchFrames: countField,
    scenes: listField(textField, MOST_NAMES),
  }),
  z.object({
    role: z.literal('ingest'),
    cameras: listField(
      z.object({
        cameraId: cameraField,
        state: z.enum(CAMERA_STATES),
        reason: maybe(textField),
      }),
      MOST_NAMES,
    ),
  }),
]);

const BEAT = new RedisScript('beat');

/** Forgets who is gone, who says that he stays for ever, and what is known of nobody. Returns id and facts of each. */
const MEMBERS = new RedisScript('members');

const LEAVE = new RedisScript('leave');

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
    const bounds = [EXPIRES_MS, MOST_MEMBERS, MOST_BYTES];
    const answer = (await MEMBERS.run(this.#link, this.#keys(), bounds)) as readonly Buffer[];
    const members: MemberFacts[] = [];
    for (let index = 0; index + 1 < answer.length; index += 2)
      members.push(...this.#read(String(answer[index]), answer[index + 1] ?? Buffer.alloc(0)));
    return members;
  }

  #read(id: string, facts: Buffer): readonly MemberFacts[] {
    try {
      return [parseJsonEntry(memberSchema, facts, 'presence')];
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      const found = { place: `${this.#keys()[1]} ${id}`, reason: error.message, entry: facts };
      this.#link.setAside('presence', found, () => this.leave(id));
      return [];
    }
  }

  #keys(): readonly [until: string, facts: string] {
    const { prefix } = this.#link;
    return [`${prefix}:presence:until`, `${prefix}:presence:facts`];
  }
}
