// Reads what segments say of one camera's view: tells verdicts as events, and holds the scene's alerts while the picture
// can't be trusted.
import type { ViewEvent, ViewVerdict } from '../core/event.ts';
import { elapsedMs, type FrameStamp } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import { readingOf } from '../view/view-fields.ts';
import { ViewJudge, type ViewChange, type ViewState } from '../view/view-judge.ts';

/** A slow picture holds the last seconds: after a verdict some of it is still of what the verdict was about. */
const SETTLE_MS = 8_000;

/** Plain data. */
export interface ViewReaderState {
  readonly judge: ViewState;
  /** Of the verdict that is open. */
  readonly openId: string | undefined;
  /** When the last one closed. */
  readonly closed: FrameStamp | undefined;
}

export class ViewReader {
  readonly #cameraId: CameraId;
  readonly #onView: (event: ViewEvent) => void;
  readonly #judge = new ViewJudge();
  #openId: string | undefined;
  #closed: FrameStamp | undefined;

  constructor(cameraId: CameraId, onView: (event: ViewEvent) => void) {
    this.#cameraId = cameraId;
    this.#onView = onView;
  }

  /** A verdict is open. */
  get isOpen(): boolean {
    return this.#openId !== undefined;
  }

  /** A verdict is open, or may be soon. */
  get isHeld(): boolean {
    return this.#judge.isHeld;
  }

  /** Whether slow pictures up to this frame show the scene as the camera sees it. */
  isSettled(stamp: FrameStamp): boolean {
    if (this.isHeld) return false;
    return this.#closed === undefined || elapsedMs(this.#closed, stamp) >= SETTLE_MS;
  }

  get state(): ViewReaderState {
    return { judge: this.#judge.state, openId: this.#openId, closed: this.#closed };
  }

  resume({ judge, openId, closed }: ViewReaderState): void {
    this.#judge.resume(judge);
    this.#openId = openId;
    this.#closed = closed;
  }

  /** @param values as VIEW_FIELDS names them; of another version they say nothing */
  read(values: readonly number[], stamp: FrameStamp): void {
    const reading = readingOf(values);
    if (reading === undefined) return;
    for (const change of this.#judge.read(reading, stamp)) this.#tell(change, stamp);
  }

  /** Closes what is open: another scene is watched, or nothing more will be read. */
  end(reason: string): void {
    const { last } = this.#judge.state;
    const changes = this.#judge.reset(reason);
    if (last === undefined) return;
    for (const change of changes) this.#tell(change, last);
  }

  #tell({ phase, verdict, reason }: ViewChange, stamp: FrameStamp): void {
    const id = this.#openId ?? viewId(this.#cameraId, verdict, stamp);
    this.#openId = phase === 'open' ? id : undefined;
    if (phase === 'close') this.#closed = stamp;
    const { capturedAtMs: atMs } = stamp;
    this.#onView({ kind: 'view', id, cameraId: this.#cameraId, atMs, phase, verdict, reason });
  }
}

/** Sortable by time, and unique: a frame opens one verdict at most. */
const viewId = (cameraId: CameraId, verdict: ViewVerdict, stamp: FrameStamp): string => {
  const time = Math.floor(stamp.capturedAtMs).toString(36).padStart(9, '0');
  return `${time}-${cameraId}-${verdict}-${stamp.sequence.toString(36)}`;
};
