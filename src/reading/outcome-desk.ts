// Takes outcomes as they come, in any order and some of them twice, puts each camera's segments in order and has them
// read once. What was read since the last step into the event log, and what the readers know by then, is made safe
// in one step with the events that followed from it (docs/design/adr/0011-roles.md).
import type { Event } from '../core/event.ts';
import { RUN_SEQUENCES } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { LogStep } from '../core/ports/event-log.ts';
import type { SegmentFacts, SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { CameraReaders } from './camera-readers.ts';
import { OrderWindow } from './order-window.ts';
import { decodeReading, encodeReading } from './reader-state-codec.ts';

interface Told {
  /** Of the outcome where it came from; undefined where nobody asks for it back. */
  readonly id: string | undefined;
  readonly first: number;
  readonly last: number;
  readonly outcome: SegmentOutcome;
}

export interface OutcomeDeskOptions {
  readonly cameras: readonly CameraId[];
  readonly readers: Pick<CameraReaders, 'read' | 'stateOf' | 'resume' | 'restart'>;
  /** Frames of a camera that may wait for others before them, and for how long. */
  readonly maxFrames: number;
  readonly maxWaitMs: number;
  /** A state that can't be read: its camera starts anew. */
  readonly onStateRefused: (camera: CameraId, bytes: Uint8Array) => void;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

export class OutcomeDesk {
  readonly #options: OutcomeDeskOptions;
  readonly #windows = new Map<CameraId, OrderWindow<Told>>();
  readonly #waiting = new Map<CameraId, number>();
  readonly #changed = new Set<CameraId>();
  #done: string[] = [];

  constructor(options: OutcomeDeskOptions) {
    this.#options = options;
  }

  /**
   * Goes on from where an earlier process stood.
   *
   * @param firstSequence nothing before it will come, where that is known
   */
  restore(states: ReadonlyMap<CameraId, Uint8Array>, firstSequence = 0): void {
    const { cameras, readers, maxFrames, maxWaitMs, onStateRefused, clock } = this.#options;
    for (const camera of cameras) {
      const bytes = states.get(camera);
      const kept = bytes === undefined ? undefined : decodeReading(bytes);
      if (bytes !== undefined && kept === undefined) onStateRefused(camera, bytes);
      const next = Math.max(kept?.next ?? 0, firstSequence);
      this.#windows.set(camera, new OrderWindow({ next, maxFrames, maxWaitMs, clock }));
      if (kept?.reader !== undefined) readers.resume(camera, kept.reader);
    }
  }

  /** A segment's outcome, maybe again. */
  tell({ cameraId, stamps }: SegmentFacts, outcome: SegmentOutcome, id?: string): void {
    const window = this.#windows.get(cameraId);
    const first = stamps[0]?.sequence;
    const last = stamps.at(-1)?.sequence;
    if (window === undefined || first === undefined || last === undefined) {
      this.#finish(id); // a camera that is not configured any more
      return;
    }
    const told = { id, first, last, outcome };
    if (!window.push(told) && !(window.isMisled && this.#follow(cameraId, window, told)))
      this.#finish(id);
    else this.#waiting.set(cameraId, (this.#waiting.get(cameraId) ?? 0) + 1);
    this.#read(cameraId, window);
  }

  /** Outcomes of the camera that wait for others before them. */
  isHolding(camera: CameraId): boolean {
    return (this.#waiting.get(camera) ?? 0) > 0;
  }

  /** Gives up what has been waited for long enough. */
  look(): void {
    for (const [camera, window] of this.#windows) this.#read(camera, window);
  }

  /** What was read since the last call, and what is known of the cameras that these events tell of. */
  takeProgress(events: readonly Event[]): Omit<LogStep, 'events'> {
    for (const { cameraId } of events) if (this.#windows.has(cameraId)) this.#changed.add(cameraId);
    const states = new Map(
      [...this.#changed].map((camera) => [
        camera,
        encodeReading({
          next: this.#windows.get(camera)?.next ?? 0,
          reader: this.#options.readers.stateOf(camera),
        }),
      ]),
    );
    const done = this.#done;
    this.#changed.clear();
    this.#done = [];
    return { states, done, runCount: this.#runCount };
  }

  /** The camera's frames count lower than one that was read: without this it would be deaf for ever. */
  #follow(camera: CameraId, window: OrderWindow<Told>, told: Told): boolean {
    const { readers, logger } = this.#options;
    logger.warn('frames of a camera count from lower than what was read: following them', {
      camera,
      read: window.next,
      next: told.first,
    });
    window.restart(told.first);
    readers.restart(camera);
    return window.push(told);
  }

  /** Runs of capture that were read. */
  get #runCount(): number {
    const last = Math.max(0, ...[...this.#windows.values()].map(({ next }) => next));
    return Math.ceil(last / RUN_SEQUENCES);
  }

  #read(camera: CameraId, window: OrderWindow<Told>): void {
    const released = window.take();
    if (released.length === 0) return;
    this.#waiting.set(camera, (this.#waiting.get(camera) ?? 0) - released.length);
    for (const { id, outcome } of released) {
      if (outcome.kind === 'scored') this.#options.readers.read(outcome.score);
      this.#finish(id);
    }
    this.#changed.add(camera);
  }

  #finish(id: string | undefined): void {
    if (id !== undefined) this.#done.push(id);
  }
}
