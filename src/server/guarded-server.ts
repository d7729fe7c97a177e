// An HTTP server that is safe to leave alone with strangers: bounds on sockets and answers, a check of the Host header
// and the method, one place where answers are written. What is answered is its owner's business.
import {
  createServer,
  ServerResponse,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { Access } from './access.ts';
import { socketLimit } from './descriptor-limit.ts';
import { listenFailed } from './listen-failed.ts';
import { json, type Reply } from './reply.ts';
import { SocketGuard } from './socket-guard.ts';

const HEADERS: OutgoingHttpHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface GuardedServerOptions {
  readonly host: string;
  readonly port: number;
  /** That names the port, for errors. */
  readonly setting: string;
  /** Sockets at a time; fewer where descriptors are short. */
  readonly maxSockets: number;
  readonly access: Access;
  readonly answer: (request: IncomingMessage, url: URL) => Promise<Reply>;
  /** Of a WebSocket; where there is none, such a request is answered like any other. False: not taken. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => boolean;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class GuardedServer {
  readonly #options: GuardedServerOptions;
  readonly #server: Server;
  readonly #guard: SocketGuard;

  constructor(options: GuardedServerOptions) {
    this.#options = options;
    const { maxSockets, logger, meter } = options;
    this.#server = createServer({ maxHeaderSize: 8_192, connectionsCheckingInterval: 2_000 });
    this.#guard = new SocketGuard({ maxSockets: socketLimit(maxSockets), logger, meter });
  }

  /** Resolves with its address. @throws PatchwatchError ADDRESS_IN_USE */
  async start(): Promise<string> {
    const { host, port, setting } = this.#options;
    this.#guard.watch(this.#server);
    this.#server.on('request', (request, response) => {
      this.#respond(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head);
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void => {
        reject(listenFailed(error, `${host}:${port}`, setting));
      };
      this.#server.once('error', fail);
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail);
        resolve();
      });
    });
    const { address, family, port: actualPort } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#guard.admit(request, response)) return;
    this.#reply(request)
      .then((reply) => {
        this.#write(request, response, reply);
      })
      .catch((thrown: unknown) => {
        this.#options.logger.error('request failed', { err: toError(thrown) });
        response.destroy();
      });
  }

  #write(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
    const isHead = request.method === 'HEAD';
    const bytes = isHead || reply.isShared === true ? 0 : reply.body.length;
    const { status, type, body } = this.#guard.mayWait(request, response, bytes)
      ? reply
      : json(503, { error: 'too much waits to be taken by clients: try again' });
    response.writeHead(status, {
      ...HEADERS,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(isHead ? undefined : body);
  }

  async #reply(request: IncomingMessage): Promise<Reply> {
    const { access, answer } = this.#options;
    const url = parseUrl(request);
    if (url === undefined) return json(400, { error: 'the address can’t be read' });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return json(405, { error: 'only GET and HEAD are answered' });
    if (!access.isHostAllowed(request))
      return json(403, { error: 'open it by the address that the daemon prints' });
    return answer(request, url);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { access, upgrade } = this.#options;
    const url = parseUrl(request);
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    if (!isWebSocket || upgrade === undefined || url === undefined) {
      this.#ignoreUpgrade(request, socket);
    } else if (!access.isHostAllowed(request) || !access.isOriginAllowed(request)) {
      refuseUpgrade(socket, '403 Forbidden');
    } else if (upgrade(request, socket, head, url)) this.#guard.handOver(request.socket);
    else refuseUpgrade(socket, '404 Not Found');
  }

  /** A protocol that is not spoken here was offered, not demanded (RFC 9110, section 7.8): HTTP/1.1 goes on. */
  #ignoreUpgrade(request: IncomingMessage, socket: Duplex): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(request.socket);
    response.once('finish', () => {
      socket.end();
    });
    this.#respond(request, response);
  }
}

const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

const parseUrl = (request: IncomingMessage): URL | undefined => {
  const base = 'http://localhost';
  const path = request.url ?? '/';
  return URL.canParse(path, base) ? new URL(path, base) : undefined;
};
