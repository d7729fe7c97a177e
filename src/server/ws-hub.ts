// The WebSocket endpoint: shakes hands, keeps the clients, and fans out what the daemon publishes. Whoever has not
// said who he is waits outside the room, in a place of few seats that the next may take.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type RawData, type WebSocket } from 'ws';

import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { CameraStats, CameraStatus, LiveMap, LiveState } from '../core/ports/live-state.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { Access } from './access.ts';
import { encodeMapMessage } from './map-message.ts';
import { CLOSE, PROTOCOL_VERSION, SUBPROTOCOL, parseIdentify, type Identify } from './wire.ts';
import { WsClient } from './ws-client.ts';

const MAX_MESSAGE_BYTES = 64 * 1024;
const IDENTIFY_WITHIN_MS = 10_000;
const HEARTBEAT_MS = 30_000;
/** Seats of those that have not identified; when all are taken, the first to come is sent away. */
const SEATS = 32;

export interface WsHubOptions {
  readonly version: string;
  readonly access: Access;
  readonly maxClients: number;
  readonly state: LiveState;
  /** Clients resume from its cursors. */
  readonly log: EventLog;
  readonly meter: Meter;
}

export class WsHub implements EventConsumer {
  readonly name = 'websocket';
  /** Clients keep their own cursors. */
  readonly isDurable = false;
  readonly #options: WsHubOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    autoPong: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  readonly #waiting = new Set<WsClient>();
  readonly #clients = new Set<WsClient>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: WsHubOptions) {
    this.#options = options;
  }

  /** Those of clients, of those that wait, and of those that are being closed. */
  get maxSockets(): number {
    return this.#options.maxClients + 2 * SEATS;
  }

  start(): void {
    this.#heartbeat = setInterval(() => {
      this.#beat();
    }, HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    for (const client of [...this.#clients, ...this.#waiting])
      client.close(CLOSE.goingAway, 'daemon stops');
    this.#server.close();
  }

  /** Takes over an HTTP upgrade whose path, host and origin were checked. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#welcome(webSocket);
    });
  }

  consume(): void {
    for (const client of this.#clients) client.tell(this.#options.log);
  }

  publishCamera(status: CameraStatus): void {
    for (const client of this.#clients) {
      if (client.wants('camera', status.cameraId)) {
        client.sendIfRoom('camera', { kind: 'camera', ...status });
      }
    }
  }

  publishStats(stats: CameraStats): void {
    for (const client of this.#clients) {
      if (client.wants('stats', stats.cameraId)) {
        client.sendIfRoom('stats', { kind: 'stats', ...stats });
      }
    }
  }

  /** Encoded once, and only when somebody wants it. */
  publishMap(map: LiveMap): void {
    let encoded: Buffer | undefined;
    const encode = (): Buffer =>
      (encoded ??= encodeMapMessage(map, this.#options.state.cameraIds().indexOf(map.cameraId)));
    for (const client of this.#clients) {
      if (client.wants('map', map.cameraId)) client.sendMapIfRoom(encode);
    }
  }

  #welcome(socket: WebSocket): void {
    const { access, meter } = this.#options;
    const client = new WsClient(socket, meter);
    // A broken connection closes too; that is all there is to do about it. Before anything else may go wrong.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      if (this.#isSaneBy(client)) this.#receive(client, data, isBinary);
    });
    socket.on('ping', () => {
      if (this.#isSaneBy(client)) client.pong();
    });
    socket.on('pong', () => (client.isAlive = true));
    const deadline = setTimeout(() => {
      if (!client.isIdentified) client.close(CLOSE.notIdentified, 'identify was expected');
    }, IDENTIFY_WITHIN_MS);
    socket.on('close', () => {
      clearTimeout(deadline);
      this.#waiting.delete(client);
      this.#clients.delete(client);
      this.#count();
    });
    this.#waiting.add(client);
    const [first] = this.#waiting;
    if (this.#waiting.size > SEATS) first?.terminate();
    client.sendSurely({
      kind: 'hello',
      protocol: PROTOCOL_VERSION,
      auth: access.needsToken,
      heartbeatMs: HEARTBEAT_MS,
      // Nobody's business before he said who he is.
      ...(access.needsToken ? {} : this.#facts()),
    });
  }

  /** False, and the end, for a client that sends more than anybody has to say. */
  #isSaneBy(client: WsClient): boolean {
    if (!client.isOpen) return false;
    if (client.mayReceive()) return true;
    client.terminate();
    return false;
  }

  #receive(client: WsClient, data: RawData, isBinary: boolean): void {
    const identify = isBinary ? 'identify was expected, as JSON' : parseIdentify(data);
    if (typeof identify === 'string') client.close(CLOSE.badMessage, identify);
    else if (identify.protocol !== PROTOCOL_VERSION) {
      client.close(CLOSE.wrongProtocol, `protocol ${PROTOCOL_VERSION} is spoken here`);
    } else if (!this.#options.access.isTokenRight(identify.token)) {
      client.close(CLOSE.wrongToken, 'wrong token');
    } else if (!client.isIdentified && this.#clients.size >= this.#options.maxClients) {
      client.close(CLOSE.serverFull, 'too many clients');
    } else this.#identify(client, identify);
  }

  /** May come again on the same connection, to change the subscription. */
  #identify(client: WsClient, identify: Identify): void {
    const { log, state } = this.#options;
    this.#waiting.delete(client);
    this.#clients.add(client);
    this.#count();
    const cursor = log.latest;
    const from = identify.resume?.cursor ?? cursor;
    const { isComplete } = log.after(from, 0);
    client.subscribe(identify, Math.min(from, cursor));
    client.sendSurely({
      kind: 'identified',
      cursor,
      replayComplete: isComplete,
      ...this.#facts(),
    });
    for (const status of state.statuses()) {
      if (client.wants('camera', status.cameraId)) {
        client.sendIfRoom('camera', { kind: 'camera', ...status });
      }
    }
    client.tell(log);
  }

  #facts(): { readonly version: string; readonly cameras: readonly string[] } {
    return { version: this.#options.version, cameras: this.#options.state.cameraIds() };
  }

  #count(): void {
    this.#options.meter.set('patchwatch_websocket_clients', {}, this.#clients.size);
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (client.isAlive) client.ping();
      else client.terminate();
    }
  }
}
