// The accounts of all cameras over all processes, kept in Redis by the scripts that move the frames.
import { parseCameraId, type CameraId } from '../core/ids.ts';
import { DROP_REASONS, type DropReason } from '../core/ports/frame-queue.ts';
import type { RedisLink } from './redis-link.ts';
import { FrameScripts } from './frame-scripts.ts';

/** captured = scored + dropped (by reason) + waiting + leased. */
export interface CameraAccount {
  readonly captured: number;
  readonly scored: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly waiting: number;
  readonly leased: number;
}

export interface RedisLedgerOptions {
  readonly link: RedisLink;
}

/** What is no count is found by the audit, and counts nothing until then. */
const countOf = (field: Buffer | undefined): number => {
  const count = Number(field);
  return Number.isSafeInteger(count) && count >= 0 ? count : 0;
};

const account = (waiting: number, fields: readonly Buffer[]): CameraAccount => {
  const numbers = new Map<string, number>();
  for (let index = 0; index + 1 < fields.length; index += 2)
    numbers.set(String(fields[index]), countOf(fields[index + 1]));
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const reason of DROP_REASONS) {
    const frames = numbers.get(`dropped:${reason}`);
    if (frames !== undefined) dropped[reason] = frames;
  }
  return {
    captured: numbers.get('captured') ?? 0,
    scored: numbers.get('scored') ?? 0,
    dropped,
    waiting,
    leased: numbers.get('leased') ?? 0,
  };
};

export class RedisLedger {
  readonly #link: RedisLink;
  readonly #scripts: FrameScripts;

  constructor({ link }: RedisLedgerOptions) {
    this.#link = link;
    this.#scripts = new FrameScripts(link);
  }

  /**
   * All accounts at one instant.
   *
   * @throws PatchwatchError QUEUE_UNAVAILABLE
   */
  async read(): Promise<ReadonlyMap<CameraId, CameraAccount>> {
    const rows = (await this.#link.ask(() => this.#scripts.run('ledger', {}))) as [
      Buffer,
      number,
      Buffer[],
    ][];
    return new Map(
      rows.flatMap(([name, waiting, fields]) => {
        const camera = parseCameraId(name.toString());
        return camera === undefined ? [] : [[camera, account(waiting, fields)] as const];
      }),
    );
  }
}
