// /metrics and /healthz of a process that serves nothing else; on loopback only.
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { Access } from './access.ts';
import { GuardedServer } from './guarded-server.ts';
import { json, unknownParameters } from './reply.ts';
import { SharedScrape, type Scrape } from './shared-scrape.ts';

const MAX_SOCKETS = 64;

export interface MetricsServerOptions {
  readonly port: number;
  readonly scrape: () => Promise<Scrape>;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class MetricsServer {
  readonly #server: GuardedServer;

  constructor({ port, scrape, logger, meter }: MetricsServerOptions) {
    const metrics = new SharedScrape(scrape);
    this.#server = new GuardedServer({
      host: '127.0.0.1',
      port,
      setting: '--metrics-port',
      maxSockets: MAX_SOCKETS,
      access: new Access({ authToken: undefined, allowedOrigins: [] }),
      answer: async (_request, url) => {
        const wrong = unknownParameters(url, []);
        if (wrong !== undefined) return wrong;
        if (url.pathname === '/healthz') return json(200, { status: 'ok' });
        if (url.pathname === '/metrics') return metrics.reply();
        return json(404, { error: 'here are /metrics and /healthz' });
      },
      logger,
      meter,
    });
  }

  /** Resolves with its address. @throws PatchwatchError ADDRESS_IN_USE */
  start(): Promise<string> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
