// The daemon's server: checks tokens, answers routes, hands WebSockets to the hub.
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { Access } from './access.ts';
import { GuardedServer } from './guarded-server.ts';
import { json } from './reply.ts';
import { Routes, type RouteOptions } from './routes.ts';
import type { WsHub } from './ws-hub.ts';

/** Beside the WebSockets. */
const MAX_HTTP_SOCKETS = 192;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly access: Access;
  readonly routes: RouteOptions;
  readonly hub: WsHub;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class HttpServer {
  readonly #server: GuardedServer;

  constructor({ host, port, access, routes: options, hub, logger, meter }: HttpServerOptions) {
    const routes = new Routes(options);
    this.#server = new GuardedServer({
      host,
      port,
      setting: 'server.port',
      maxSockets: MAX_HTTP_SOCKETS + hub.maxSockets,
      access,
      answer: async (request, url) => {
        if (!routes.isOpen(url.pathname) && !access.isRequestAllowed(request, url))
          return json(401, { error: 'a token is needed' });
        return routes.answer(url);
      },
      upgrade: (request, socket, head, url) => {
        if (url.pathname !== '/ws') return false;
        hub.upgrade(request, socket, head);
        return true;
      },
      logger,
      meter,
    });
  }

  /** Resolves with the address to open in a browser. @throws PatchwatchError ADDRESS_IN_USE */
  start(): Promise<string> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
