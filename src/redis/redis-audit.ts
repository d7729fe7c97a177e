// Looks after what is in Redis, every few seconds by one of the processes: keys that another program wrote are moved
// out of the way, members that belong to nothing are taken out, and the accounts are made to add up again. So
// whatever was written there, work goes on soon after.
import type { RedisLink } from './redis-link.ts';
import type { SetAsideKind } from './redis-quarantine.ts';
import { FrameScripts } from './frame-scripts.ts';

/** Another process looked: no need to look again. */
const AUDITED_MS = 1_500;

/** Every key that is not of a camera, a segment or a turn, and its type. */
export const KEY_TYPES = {
  ages: 'zset',
  cameras: 'set',
  'frames:wanted': 'zset',
  'gateway:events': 'zset',
  'gateway:consumers': 'hash',
  'gateway:owner': 'string',
  'gateway:states': 'hash',
  leases: 'hash',
  'models:current': 'hash',
  outcomes: 'stream',
  'presence:facts': 'hash',
  'presence:until': 'zset',
  quarantine: 'stream',
  runs: 'string',
  state: 'hash',
  'turns:active': 'list',
  'turns:completed': 'zset',
  'turns:delayed': 'zset',
  'turns:events': 'stream',
  'turns:failed': 'zset',
  'turns:id': 'string',
  'turns:marker': 'zset',
  'turns:meta': 'hash',
  'turns:paused': 'list',
  'turns:pc': 'string',
  'turns:prioritized': 'zset',
  'turns:stalled': 'set',
  'turns:stalled-check': 'string',
  'turns:wait': 'list',
  waiting: 'zset',
} as const;

type Row = readonly [kind: Buffer, place: Buffer, reason: Buffer];

const KINDS: ReadonlyMap<string, SetAsideKind> = new Map(
  (['account', 'key', 'lease', 'segment'] as const).map((kind) => [kind, kind]),
);

export interface RedisAuditOptions {
  readonly link: RedisLink;
}

export class RedisAudit {
  readonly #link: RedisLink;
  readonly #scripts: FrameScripts;

  constructor({ link }: RedisAuditOptions) {
    this.#link = link;
    this.#scripts = new FrameScripts(link);
  }

  /** Before this process builds upon what is there. @throws PatchwatchError QUEUE_UNAVAILABLE */
  runFirst(): Promise<void> {
    return this.#run(0);
  }

  /** Again and again. @throws PatchwatchError QUEUE_UNAVAILABLE */
  run(): Promise<void> {
    return this.#run(AUDITED_MS);
  }

  async #run(auditedMs: number): Promise<void> {
    const types = Object.entries(KEY_TYPES).flat();
    const rows = await this.#link.ask(() => this.#scripts.run('audit', {}, [auditedMs, ...types]));
    for (const [kind, place, reason] of rows as readonly Row[])
      this.#link.setAside(KINDS.get(kind.toString()) ?? 'key', {
        place: place.toString(),
        reason: reason.toString(),
      });
  }
}
