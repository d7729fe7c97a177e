// Turns outcomes told in any order, some of them twice, into alerts that are told once: puts each camera's segments
// in order, has them read, and makes what follows safe in one step with the acknowledgement, before anybody hears
// of it (docs/design/adr/0011-roles.md).
import type { Alert } from '../core/alert.ts';
import { toError } from '../core/errors.ts';
import { RUN_SEQUENCES } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { SegmentFacts, SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import { OrderWindow } from '../reading/order-window.ts';
import { decodeReading, encodeReading } from '../reading/reader-state-codec.ts';
import type { JournalEntry, RedisJournal } from '../redis/redis-journal.ts';
import type { AlertLog } from '../server/alert-log.ts';
import type { GatewayRole } from './gateway.ts';

const LOOK_MS = 50;
/** What no alert waits for is made safe so often. */
const COMMIT_MS = 250;
const RETRY_MS = 500;

interface Told {
  /** Of the outcome in the feed. */
  readonly id: string;
  readonly first: number;
  readonly last: number;
  readonly outcome: SegmentOutcome;
}

export interface OutcomeDeskOptions {
  readonly cameras: readonly CameraId[];
  readonly gateway: Pick<GatewayRole, 'read' | 'stateOf' | 'resume' | 'restart' | 'announce'>;
  readonly alerts: AlertLog;
  readonly journal: RedisJournal;
  /** Frames of a camera that may wait for others before them, and for how long. */
  readonly maxFrames: number;
  readonly maxWaitMs: number;
  /** Another gateway took over: what is told from here on would be told twice. */
  readonly onReplaced: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class OutcomeDesk {
  readonly #options: OutcomeDeskOptions;
  readonly #windows = new Map<CameraId, OrderWindow<Told>>();
  readonly #waiting = new Map<CameraId, number>();
  readonly #changed = new Set<CameraId>();
  #alerts: Alert[] = [];
  #done: string[] = [];
  #committedAtMs = -Infinity;

  constructor(options: OutcomeDeskOptions) {
    this.#options = options;
  }

  /** Goes on from where an earlier gateway stood. */
  async restore(): Promise<void> {
    const { cameras, gateway, alerts, journal } = this.#options;
    const states = await journal.states();
    for (const camera of cameras) {
      const bytes = states.get(camera);
      const kept = bytes === undefined ? undefined : decodeReading(bytes);
      if (bytes !== undefined && kept === undefined) journal.refuseState(camera, bytes);
      this.#windows.set(camera, this.#window(kept?.next ?? 0));
      if (kept?.reader !== undefined) gateway.resume(camera, kept.reader);
    }
    alerts.restore(await journal.alerts());
  }

  /** From the feed: a segment's outcome, maybe again. */
  tell({ cameraId, stamps }: SegmentFacts, outcome: SegmentOutcome, id: string): void {
    const window = this.#windows.get(cameraId);
    const first = stamps[0]?.sequence;
    const last = stamps.at(-1)?.sequence;
    if (window === undefined || first === undefined || last === undefined) {
      this.#done.push(id); // a camera that is not configured any more
      return;
    }
    const told = { id, first, last, outcome };
    if (!window.push(told) && !(window.isMisled && this.#follow(cameraId, window, told)))
      this.#done.push(id);
    else this.#waiting.set(cameraId, (this.#waiting.get(cameraId) ?? 0) + 1);
    this.#read(cameraId, window);
  }

  /** An alert arose: it is told when it is safe. */
  alert(alert: Alert): void {
    this.#alerts.push(alert);
    this.#changed.add(alert.cameraId);
  }

  /** Outcomes of the camera that wait for others before them. */
  isHolding(camera: CameraId): boolean {
    return (this.#waiting.get(camera) ?? 0) > 0;
  }

  /** Until the signal aborts; then what was read is made safe, if that can be done at once. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      for (const [camera, window] of this.#windows) this.#read(camera, window);
      const isDue = clock.monotonicMs() - this.#committedAtMs >= COMMIT_MS;
      if (this.#alerts.length > 0 || isDue) await this.#commit(signal);
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
    await this.#commit(signal);
  }

  /** The camera's frames count lower than one that was read: without this it would be deaf for ever. */
  #follow(camera: CameraId, window: OrderWindow<Told>, told: Told): boolean {
    const { gateway, logger } = this.#options;
    logger.warn('frames of a camera count from lower than what was read: following them', {
      camera,
      read: window.next,
      next: told.first,
    });
    window.restart(told.first);
    gateway.restart(camera);
    return window.push(told);
  }

  /** Runs of capture that were read. */
  get #runCount(): number {
    const last = Math.max(0, ...[...this.#windows.values()].map(({ next }) => next));
    return Math.ceil(last / RUN_SEQUENCES);
  }

  #window(next: number): OrderWindow<Told> {
    const { maxFrames, maxWaitMs, clock } = this.#options;
    return new OrderWindow({ next, maxFrames, maxWaitMs, clock });
  }

  #read(camera: CameraId, window: OrderWindow<Told>): void {
    const released = window.take();
    if (released.length === 0) return;
    this.#waiting.set(camera, (this.#waiting.get(camera) ?? 0) - released.length);
    for (const { id, outcome } of released) {
      if (outcome.kind === 'scored') this.#options.gateway.read(outcome.score);
      this.#done.push(id);
    }
    this.#changed.add(camera);
  }

  /** Everything up to now, in one step; tried again until it is done or the signal aborts. */
  async #commit(signal: AbortSignal): Promise<void> {
    const { journal, clock, logger, gateway, onReplaced } = this.#options;
    const alerts = this.#alerts;
    const entry = this.#entry();
    for (let attempt = 1; ; attempt++) {
      try {
        if (!(await journal.commit(entry))) {
          onReplaced();
          return;
        }
        break;
      } catch (thrown) {
        if (attempt === 1)
          logger.warn('alerts wait for Redis', { reason: toError(thrown).message });
        if (signal.aborted) return;
        await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
    this.#committedAtMs = clock.monotonicMs();
    for (const alert of alerts) gateway.announce(alert);
  }

  #entry(): JournalEntry {
    const { alerts: log, gateway } = this.#options;
    const states = new Map(
      [...this.#changed].map((camera) => [
        camera,
        encodeReading({
          next: this.#windows.get(camera)?.next ?? 0,
          reader: gateway.stateOf(camera),
        }),
      ]),
    );
    const alerts = this.#alerts.map((alert, index) => ({ cursor: log.cursor + 1 + index, alert }));
    const entry = { states, alerts, done: this.#done, runCount: this.#runCount };
    this.#changed.clear();
    this.#alerts = [];
    this.#done = [];
    return entry;
  }
}
