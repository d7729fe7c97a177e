// The WebSocket endpoint: shakes hands, keeps the clients, and fans out what the daemon publishes.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type RawData, type WebSocket } from 'ws';

import type { LoggedEvent } from '../core/event.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { CameraStats, CameraStatus, LiveMap, LiveState } from '../core/ports/live-state.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { Access } from './access.ts';
import { encodeMapMessage } from './map-message.ts';
import { CLOSE, PROTOCOL_VERSION, SUBPROTOCOL, identifySchema, type Identify } from './wire.ts';
import { WsClient } from './ws-client.ts';

const MAX_MESSAGE_BYTES = 64 * 1024;
const IDENTIFY_WITHIN_MS = 10_000;
const HEARTBEAT_MS = 30_000;

export interface WsHubOptions {
  readonly version: string;
  readonly access: Access;
  readonly maxClients: number;
  readonly state: LiveState;
  /** Clients resume from its cursors. */
  readonly log: EventLog;
  readonly meter: Meter;
  readonly logger: Logger;
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
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  readonly #clients = new Set<WsClient>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: WsHubOptions) {
    this.#options = options;
  }

  start(): void {
    this.#heartbeat = setInterval(() => {
      this.#beat();
    }, HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.close(CLOSE.goingAway, 'daemon stops');
    this.#server.close();
    // Clients that don't answer the close must not hold the daemon.
    for (const client of this.#clients) setTimeout(() => client.terminate(), 500).unref();
  }

  /** Takes over an HTTP upgrade whose path, host and origin were checked. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#welcome(webSocket);
    });
  }

  consume(entries: readonly LoggedEvent[]): void {
    for (const client of this.#clients) {
      for (const entry of entries) client.tell(entry);
    }
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
    const { version, access, maxClients, state, meter } = this.#options;
    const client = new WsClient(socket, meter);
    if (this.#clients.size >= maxClients) {
      client.close(CLOSE.serverFull, 'too many clients');
      return;
    }
    this.#clients.add(client);
    meter.set('patchwatch_websocket_clients', {}, this.#clients.size);
    const deadline = setTimeout(() => {
      if (!client.isIdentified) client.close(CLOSE.notIdentified, 'identify was expected');
    }, IDENTIFY_WITHIN_MS);
    socket.on('message', (data, isBinary) => {
      this.#receive(client, data, isBinary);
    });
    socket.on('pong', () => (client.isAlive = true));
    // A broken connection closes too; that is all there is to do about it.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(deadline);
      this.#clients.delete(client);
      meter.set('patchwatch_websocket_clients', {}, this.#clients.size);
    });
    client.sendSurely({
      kind: 'hello',
      protocol: PROTOCOL_VERSION,
      version,
      auth: access.needsToken,
      cameras: state.cameraIds(),
      heartbeatMs: HEARTBEAT_MS,
    });
  }

  #receive(client: WsClient, data: RawData, isBinary: boolean): void {
    const identify = isBinary ? undefined : parseIdentify(data);
    if (identify === undefined) client.close(CLOSE.badMessage, 'identify was expected, as JSON');
    else if (identify.protocol !== PROTOCOL_VERSION) {
      client.close(CLOSE.wrongProtocol, `protocol ${PROTOCOL_VERSION} is spoken here`);
    } else if (!this.#options.access.isTokenRight(identify.token)) {
      client.close(CLOSE.wrongToken, 'wrong token');
    } else this.#identify(client, identify);
  }

  /** May come again on the same connection, to change the subscription. */
  #identify(client: WsClient, identify: Identify): void {
    const { log, state } = this.#options;
    const cursor = log.latest;
    const from = identify.resume?.cursor ?? cursor;
    const { entries, isComplete } = log.after(from, Infinity);
    client.subscribe(identify, Math.min(from, cursor));
    client.sendSurely({ kind: 'identified', cursor, replayComplete: isComplete });
    for (const entry of entries) client.tell(entry);
    for (const status of state.statuses()) {
      if (client.wants('camera', status.cameraId)) {
        client.sendIfRoom('camera', { kind: 'camera', ...status });
      }
    }
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (client.isAlive) client.ping();
      else client.terminate();
    }
  }
}

const parseIdentify = (data: RawData): Identify | undefined => {
  try {
    return identifySchema.parse(JSON.parse((data as Buffer).toString('utf8')));
  } catch {
    return undefined;
  }
};
