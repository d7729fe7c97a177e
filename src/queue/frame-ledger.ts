// The accounting identity, per camera, true at any moment:
//   captured = scored + dropped (by reason) + in flight
import type { CameraId } from '../core/ids.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { Meter } from '../core/ports/meter.ts';

interface Account {
  captured: number;
  scored: number;
  dropped: Partial<Record<DropReason, number>>;
  droppedTotal: number;
}

export interface Balance extends Readonly<Account> {
  readonly inFlight: number;
}

export interface Totals {
  readonly captured: number;
  readonly scored: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly inFlight: number;
}

export class FrameLedger {
  readonly #meter: Meter;
  readonly #accounts = new Map<CameraId, Account>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  captured(camera: CameraId, count = 1): void {
    this.#account(camera).captured += count;
    this.#meter.add('patchwatch_frames_captured_total', { camera }, count);
    this.#exportInFlight(camera);
  }

  scored(camera: CameraId, count: number): void {
    this.#account(camera).scored += count;
    this.#meter.add('patchwatch_frames_scored_total', { camera }, count);
    this.#exportInFlight(camera);
  }

  dropped(camera: CameraId, reason: DropReason, count: number): void {
    const account = this.#account(camera);
    account.dropped[reason] = (account.dropped[reason] ?? 0) + count;
    account.droppedTotal += count;
    this.#meter.add('patchwatch_frames_dropped_total', { camera, reason }, count);
    this.#exportInFlight(camera);
  }

  /** What another process counted, at one instant, stands for all that was counted here. */
  restate(camera: CameraId, { captured, scored, dropped, inFlight }: Totals): void {
    const counts = Object.entries(dropped) as [DropReason, number][];
    const droppedTotal = counts.reduce((sum, [, count]) => sum + count, 0);
    const before = this.#account(camera).dropped;
    this.#accounts.set(camera, { captured, scored, dropped: { ...dropped }, droppedTotal });
    this.#meter.restate('patchwatch_frames_captured_total', { camera }, captured);
    this.#meter.restate('patchwatch_frames_scored_total', { camera }, scored);
    // A reason that is not named any more stands at nothing again.
    const gone = Object.keys(before) as DropReason[];
    for (const [reason, count] of [...gone.map((name) => [name, 0] as const), ...counts]) {
      this.#meter.restate('patchwatch_frames_dropped_total', { camera, reason }, count);
    }
    this.#meter.set('patchwatch_frames_in_flight', { camera }, inFlight);
  }

  balance(camera: CameraId): Balance {
    const account = this.#account(camera);
    return { ...account, inFlight: account.captured - account.scored - account.droppedTotal };
  }

  cameras(): readonly CameraId[] {
    return [...this.#accounts.keys()];
  }

  #account(camera: CameraId): Account {
    let account = this.#accounts.get(camera);
    if (account === undefined) {
      account = { captured: 0, scored: 0, dropped: {}, droppedTotal: 0 };
      this.#accounts.set(camera, account);
    }
    return account;
  }

  #exportInFlight(camera: CameraId): void {
    this.#meter.set('patchwatch_frames_in_flight', { camera }, this.balance(camera).inFlight);
  }
}
