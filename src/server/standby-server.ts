// What a gateway that stands by answers on its port: that it lives, and that another one serves.
import { createServer, type Server } from 'node:http';

import type { Logger } from '../core/ports/logger.ts';
import { Access, type AccessOptions } from './access.ts';

const MOST_CONNECTIONS = 64;

export interface StandbyServerOptions extends AccessOptions {
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
}

export class StandbyServer {
  readonly #options: StandbyServerOptions;
  readonly #server: Server;

  constructor(options: StandbyServerOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 8_192, requestTimeout: 10_000 });
  }

  /** Where the port is taken, by the gateway that serves on the same machine, that one answers. */
  start(): void {
    const { host, port, logger } = this.#options;
    const access = new Access(this.#options);
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('error', (error) => {
      logger.debug('standing by without a port', { reason: error.message });
    });
    this.#server.on('request', (request, response) => {
      const path = request.url?.split('?', 1)[0];
      const isHealth = path === '/healthz';
      const body = isHealth ? { status: 'ok' } : { isReady: false, state: 'standby' };
      const isAllowed = access.isHostAllowed(request);
      response.writeHead(isAllowed ? (isHealth ? 200 : 503) : 403, {
        'Content-Type': 'application/json; charset=utf-8',
        'Cache-Control': 'no-store',
        Connection: 'close',
      });
      response.end(isAllowed ? JSON.stringify(body) : undefined);
    });
    this.#server.listen(port, host);
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
