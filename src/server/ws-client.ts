// One WebSocket client: what it subscribed to, and how much may wait for it. A slow client loses maps first and
// is told how many; alerts are never dropped: when one does not fit, the connection is closed and the client
// resumes from its cursor.
import { WebSocket } from 'ws';

import { alertOf, type LoggedEvent } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import type { Meter } from '../core/ports/meter.ts';
import { CLOSE, type Identify, type ServerMessage, type Topic } from './wire.ts';

/** Above this a client that does not keep up loses maps; above the second, stats and camera states too. */
const MAX_WAITING_FOR_MAPS_BYTES = 256 * 1024;
const MAX_WAITING_BYTES = 1024 * 1024;

export class WsClient {
  readonly #socket: WebSocket;
  readonly #meter: Meter;
  readonly #dropped = new Map<Topic, number>();
  #subscription:
    { topics: ReadonlySet<Topic>; cameras: ReadonlySet<string> | undefined } | undefined;
  #seq = 0;
  #cursor = 0;
  /** Set by a pong; a client that stays silent for a whole heartbeat is gone. */
  isAlive = true;

  constructor(socket: WebSocket, meter: Meter) {
    this.#socket = socket;
    this.#meter = meter;
  }

  get isIdentified(): boolean {
    return this.#subscription !== undefined;
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

  /** Each event once, in order, if the client wants it. */
  tell({ cursor, event }: LoggedEvent): void {
    if (!this.isIdentified || cursor <= this.#cursor) return;
    this.#cursor = cursor;
    if (event.kind === 'anomaly' && this.wants('alert', event.cameraId))
      this.sendSurely({ kind: 'alert', cursor, alert: alertOf(event) });
  }

  /** For the handshake and alerts: sent, or the connection is closed. */
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

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #hasRoom(topic: Topic, maxWaitingBytes: number): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
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
