// The HTTP server: checks who asks, answers routes, hands WebSocket upgrades to the hub.
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Access } from './access.ts';
import { listenFailed } from './listen-failed.ts';
import { answer, isOpenPath, json, type Reply, type RouteOptions } from './routes.ts';
import type { WsHub } from './ws-hub.ts';

const HEADERS: OutgoingHttpHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly access: Access;
  readonly routes: RouteOptions;
  readonly hub: WsHub;
  readonly logger: Logger;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 8_192, requestTimeout: 10_000 });
  }

  /** Resolves with the address to open in a browser. @throws PatchwatchError ADDRESS_IN_USE */
  async start(): Promise<string> {
    const { host, port } = this.#options;
    this.#server.on('request', (request, response) => {
      this.#respond(request, response).catch((thrown: unknown) => {
        this.#options.logger.error('request failed', { err: toError(thrown) });
        response.destroy();
      });
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head);
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(listenFailed(error, `${host}:${port}`, 'server.port'));
      });
      this.#server.listen(port, host, resolve);
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

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#reply(request);
    response.writeHead(reply.status, { ...HEADERS, 'Content-Type': reply.type });
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  async #reply(request: IncomingMessage): Promise<Reply> {
    const { access, routes } = this.#options;
    const url = parseUrl(request);
    if (url === undefined) return json(400, { error: 'the address can’t be read' });
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return json(405, { error: 'only GET and HEAD are answered' });
    }
    if (!access.isHostAllowed(request)) {
      return json(403, { error: 'open it by the address that the daemon prints' });
    }
    if (!isOpenPath(url.pathname) && !access.isRequestAllowed(request, url)) {
      // The page's own files hold nothing secret, and ask for the token.
      if (!routes.pages.has(url.pathname)) return json(401, { error: 'a token is needed' });
    }
    return answer(routes, url);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { access, hub } = this.#options;
    const isOurs = parseUrl(request)?.pathname === '/ws';
    if (isOurs && access.isHostAllowed(request) && access.isOriginAllowed(request)) {
      hub.upgrade(request, socket, head);
      return;
    }
    const status = isOurs ? '403 Forbidden' : '404 Not Found';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}

const parseUrl = (request: IncomingMessage): URL | undefined => {
  const base = 'http://localhost';
  const path = request.url ?? '/';
  return URL.canParse(path, base) ? new URL(path, base) : undefined;
};
