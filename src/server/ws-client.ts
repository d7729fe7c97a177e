// One WebSocket client: what it subscribed to, how far it was told the event log, and how much may wait for it. A slow
// client loses maps first and is told how many; events are never dropped: they wait in the log, and a client that
// can't take one when it happens is closed and resumes from its cursor.
import { WebSocket } from 'ws';

import { isAlert, type LoggedEvent } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { Meter } from '../core/ports/meter.ts';
import { CLOSE, closeReason, type Identify, type ServerMessage, type Topic } from './wire.ts';

/** Above this a client that does not keep up loses maps; above the second, stats and camera states too. */
const MAX_WAITING_FOR_MAPS_BYTES = 256 * 1024;
const MAX_WAITING_BYTES = 1024 * 1024;
/** Events are read from the log so many at a time, and no more before the client took most of them. */
const PAGE_EVENTS = 100;
const MAX_REPLAY_WAITING_BYTES = 128 * 1024;
/** What a client may send: it has little to say. More than this, at so many a second, is a flood. */
const SENT_AT_ONCE = 20;
const SENT_PER_SECOND = 2;
/** A client that does not answer a close is cut off. */
const CLOSE_WITHIN_MS = 1_000;

export class WsClient {
  readonly #socket: WebSocket;
  readonly #meter: Meter;
  readonly #dropped = new Map<Topic, number>();
  #subscription:
    { topics: ReadonlySet<Topic>; cameras: ReadonlySet<string> | undefined } | undefined;
  #seq = 0;
  /** Of the last event that it was told, or did not want. */
  #cursor = 0;
  /** More is read from the log when what was sent was taken. */
  #isReplaying = false;
  #mayStillSend = SENT_AT_ONCE;
  #lastSentMs = performance.now();
  /** Set by a pong; a client that stays silent for a whole heartbeat is gone. */
  isAlive = true;

  constructor(socket: WebSocket, meter: Meter) {
    this.#socket = socket;
    this.#meter = meter;
  }

  get isIdentified(): boolean {
    return this.#subscription !== undefined;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Counts something that the client sent; false when that was too much. */
  mayReceive(): boolean {
    const nowMs = performance.now();
    const regained = ((nowMs - this.#lastSentMs) / 1_000) * SENT_PER_SECOND;
    this.#mayStillSend = Math.min(SENT_AT_ONCE, this.#mayStillSend + regained) - 1;
    this.#lastSentMs = nowMs;
    return this.#mayStillSend >= 0;
  }

  /** @param cursor of the last event that the client is not to be told */
  subscribe({ topics, cameras }: Identify, cursor: number): void {
    this.#cursor = cursor;
    this.#subscription = {
      topics: new Set(topics),
      cameras: cameras === undefined ? undefined : new Set(cameras),
    };
  }

  wants(topic: Topic, camera: CameraId): boolean {
    const subscription = this.#subscription;
    if (subscription?.topics.has(topic) !== true) return false;
    return subscription.cameras === undefined || subscription.cameras.has(camera);
  }

  /** Tells what the log holds after the client's cursor: at once where it keeps up, else as fast as it takes it. */
  tell(log: Pick<EventLog, 'after'>): void {
    while (this.#isReady()) {
      const { entries } = log.after(this.#cursor, PAGE_EVENTS);
      if (entries.length === 0) return;
      for (const entry of entries) this.#tellOne(entry);
      if (this.#socket.bufferedAmount > MAX_REPLAY_WAITING_BYTES) {
        this.#isReplaying = true;
        // An empty ping is the last of what waits: it is written when all before it was.
        this.#socket.ping('', undefined, () => {
          this.#isReplaying = false;
          this.tell(log);
        });
      }
    }
  }

  /** For the handshake and events: sent, or the connection is closed. */
  sendSurely(message: ServerMessage): void {
    if (this.#socket.bufferedAmount > MAX_WAITING_BYTES) {
      this.close(CLOSE.tooSlow, 'too slow: resume from your cursor');
      return;
    }
    this.#reportDropped();
    this.#send(message);
  }

  sendIfRoom(topic: Topic, message: ServerMessage): void {
    if (this.#hasRoom(topic, MAX_WAITING_BYTES)) this.#send(message);
  }

  sendMapIfRoom(encode: () => Buffer): void {
    if (this.#hasRoom('map', MAX_WAITING_FOR_MAPS_BYTES)) {
      this.#socket.send(encode(), { binary: true });
    }
  }

  ping(): void {
    this.isAlive = false;
    this.#socket.ping();
  }

  /** Answers a ping, which says that we live: one that is not taken needs no second. */
  pong(): void {
    if (this.isOpen && this.#socket.bufferedAmount === 0) this.#socket.pong();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, closeReason(reason));
    const late = setTimeout(() => {
      this.terminate();
    }, CLOSE_WITHIN_MS);
    late.unref();
    this.#socket.once('close', () => {
      clearTimeout(late);
    });
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #isReady(): boolean {
    return this.isIdentified && !this.#isReplaying && this.isOpen;
  }

  #tellOne({ cursor, event }: LoggedEvent): void {
    if (!this.isOpen) return;
    this.#cursor = cursor;
    if (isAlert(event) && this.wants('alert', event.cameraId))
      this.sendSurely({ kind: 'alert', cursor, alert: event });
    else if (event.kind === 'view' && this.wants('view', event.cameraId)) {
      const { kind, ...view } = event;
      this.sendSurely({ kind, cursor, view });
    }
  }

  #hasRoom(topic: Topic, maxWaitingBytes: number): boolean {
    if (!this.isOpen) return false;
    if (this.#socket.bufferedAmount <= maxWaitingBytes) {
      this.#reportDropped();
      return true;
    }
    this.#dropped.set(topic, (this.#dropped.get(topic) ?? 0) + 1);
    this.#meter.add('patchwatch_websocket_dropped_total', { topic });
    return false;
  }

  #reportDropped(): void {
    for (const [topic, count] of this.#dropped) this.#send({ kind: 'dropped', topic, count });
    this.#dropped.clear();
  }

  #send(message: ServerMessage): void {
    const { kind, ...fields } = message;
    this.#socket.send(JSON.stringify({ kind, seq: ++this.#seq, ...fields }));
  }
}
