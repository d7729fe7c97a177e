// What a gateway that stands by answers on its port: that it lives, and that another one serves.
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { Access, type AccessOptions } from './access.ts';
import { GuardedServer } from './guarded-server.ts';
import { json } from './reply.ts';

const MAX_SOCKETS = 64;

export interface StandbyServerOptions extends AccessOptions {
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class StandbyServer {
  readonly #options: StandbyServerOptions;
  readonly #server: GuardedServer;

  constructor(options: StandbyServerOptions) {
    this.#options = options;
    const { host, port, logger, meter } = options;
    this.#server = new GuardedServer({
      host,
      port,
      setting: 'server.port',
      maxSockets: MAX_SOCKETS,
      access: new Access(options),
      answer: (_request, { pathname }) =>
        Promise.resolve(
          pathname === '/healthz'
            ? json(200, { status: 'ok' })
            : json(503, { isReady: false, state: 'standby' }),
        ),
      logger,
      meter,
    });
  }

  /** Where the port is taken, by the gateway that serves on the same machine, that one answers. */
  async start(): Promise<void> {
    await this.#server.start().catch((error: unknown) => {
      this.#options.logger.debug('standing by without a port', { reason: String(error) });
    });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
