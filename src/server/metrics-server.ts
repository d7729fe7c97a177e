// /metrics and /healthz of a process that serves nothing else; on loopback only.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { listenFailed } from './listen-failed.ts';

const HOST = '127.0.0.1';

export interface MetricsServerOptions {
  readonly port: number;
  readonly scrape: () => Promise<{ readonly type: string; readonly body: string }>;
}

export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #server: Server;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 8_192, requestTimeout: 10_000 });
  }

  /** Resolves with its address. @throws PatchwatchError ADDRESS_IN_USE */
  async start(): Promise<string> {
    const { port, scrape } = this.#options;
    this.#server.on('request', (request, response) => {
      if (request.url === '/healthz') {
        response
          .setHeader('Content-Type', 'application/json; charset=utf-8')
          .end('{"status":"ok"}');
      } else if (request.url === '/metrics') {
        scrape().then(
          ({ type, body }) => response.setHeader('Content-Type', type).end(body),
          () => response.destroy(),
        );
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(listenFailed(error, `${HOST}:${port}`, '--metrics-port'));
      });
      this.#server.listen(port, HOST, resolve);
    });
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
