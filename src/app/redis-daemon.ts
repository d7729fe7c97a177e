// A daemon on Redis: one role of it, or all three in this process.
import type { CameraConfig, Config } from '../config/config.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { Logger } from '../core/ports/logger.ts';
import { MetricsServer } from '../server/metrics-server.ts';
import { PromMeter } from '../telemetry/prom-meter.ts';
import { RedisAudit } from '../redis/redis-audit.ts';
import { RedisRoundTrip } from '../redis/redis-round-trip.ts';
import { RedisGateway } from './redis-gateway.ts';
import { RedisIngest } from './redis-ingest.ts';
import { makeRedisBase, type RedisRole, type RedisBase } from './redis-base.ts';
import { ReleaseStack } from '../process/release-stack.ts';
import { repeat } from '../process/repeat.ts';
import { systemClock } from '../process/system-clock.ts';
import { tellLostLines } from '../telemetry/tell-lost-lines.ts';
import { expectedUrl, noteUrl } from '../server/url-file.ts';
import { VERSION } from '../process/version.ts';
import { RedisWorker } from './redis-worker.ts';

export const ROLES = ['all', 'ingest', 'worker', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

/** How long stopping waits for Redis and frames under way; leases run out, and offers are lost, beyond that. */
const STOP_MS = 15_000;
const AUDIT_MS = 2_000;
const PING_MS = 2_000;

export interface RedisDaemonOptions {
  readonly config: Config;
  /** What ingest captures. The gateway tells of all cameras, workers score whichever. */
  readonly captured: readonly CameraConfig[];
  readonly role: Role;
  /** Undefined: no metrics of this process's own; the gateway serves its own in any case. */
  readonly metricsPort: number | undefined;
  /** The gateway's, besides clients, log lines and metrics. */
  readonly consumers?: readonly EventConsumer[];
  readonly logger: Logger;
  /** Log lines that were lost since the last call. */
  readonly takeLostLogLines: () => number;
}

export class RedisDaemon {
  readonly #options: RedisDaemonOptions;
  readonly #stack = new ReleaseStack();
  readonly #meter = new PromMeter();
  readonly #replaced = new AbortController();

  constructor(options: RedisDaemonOptions) {
    this.#options = options;
  }

  /** Aborts, with an error, when another gateway took over from this one. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  /** Whatever was started is released when it throws. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await this.#start(signal);
    } catch (thrown) {
      throw await this.#withinStopTime(this.#stack.releaseAfter(thrown), toError(thrown));
    }
  }

  /** In order, and within a bounded time even when Redis is gone. */
  async stop(): Promise<void> {
    await this.#withinStopTime(this.#stack.releaseAll(), undefined);
  }

  async #withinStopTime<Result>(work: Promise<Result>, otherwise: Result): Promise<Result> {
    const patience = new AbortController();
    const late = systemClock.sleep(STOP_MS, patience.signal).then(
      () => {
        this.#options.logger.warn('stopping takes too long: leaving the rest to the others');
        return otherwise;
      },
      () => otherwise,
    );
    return Promise.race([work, late]).finally(() => {
      patience.abort();
    });
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { config, logger } = this.#options;
    const cameras = config.cameras.filter((camera) => camera.enabled);
    const base = makeRedisBase({ config, cameras, logger, meter: this.#meter });
    await base.link.start();
    this.#stack.push(() => base.link.close());
    await this.#lookAfterRedis(base);
    this.#stack.push(() => base.queue.close());
    await this.#serveMetrics();
    for (const one of this.#roles(base)) {
      this.#stack.push(() => one.stop());
      await one.start(signal);
    }
  }

  async #lookAfterRedis({ link, config, logger, meter }: RedisBase): Promise<void> {
    const audit = new RedisAudit({ link });
    const { maxFrameAgeMs } = config.queue;
    const roundTrip = new RedisRoundTrip({ link, maxFrameAgeMs, logger, meter });
    await audit.runFirst();
    const stop = new AbortController();
    const every = (everyMs: number, what: string, run: () => Promise<void>): Promise<void> =>
      repeat(
        { what, everyMs, isPossible: () => link.isUp, run, clock: systemClock, logger },
        stop.signal,
      );
    const running = Promise.all([
      every(AUDIT_MS, 'looking after redis', () => audit.run()),
      every(PING_MS, 'measuring the way to redis', () => roundTrip.measure()),
    ]);
    this.#stack.push(async () => {
      stop.abort();
      await running;
    });
  }

  /** In the order of starting: nothing is captured before it can be scored, nothing scored before it can be told. */
  #roles(base: RedisBase): readonly RedisRole[] {
    const { role, captured, consumers } = this.#options;
    const gateway = (): RedisRole =>
      new RedisGateway({
        ...base,
        consumers: consumers ?? [],
        onReplaced: () => {
          this.#replaced.abort(
            new PatchwatchError(
              'LOG_REPLACED',
              'another gateway took over from this one, which Redis had not heard of for too long: start it again to stand by',
            ),
          );
        },
      });
    const worker = (): RedisRole => new RedisWorker({ ...base, id: `worker-${base.id}` });
    const ingest = (): RedisRole =>
      new RedisIngest({ ...base, id: `ingest-${base.id}`, cameras: captured });
    switch (role) {
      case 'all':
        return [gateway(), worker(), ingest()];
      case 'gateway':
        return [gateway()];
      case 'worker':
        return [worker()];
      case 'ingest':
        return [ingest()];
    }
  }

  async #serveMetrics(): Promise<void> {
    const { config, role, metricsPort, logger } = this.#options;
    if (role === 'ingest' || role === 'worker') this.#meter.collectProcessMetrics();
    else await noteUrl(expectedUrl(config.server), logger);
    this.#meter.set('patchwatch_build_info', { version: VERSION, role }, 1);
    tellLostLines(this.#meter, this.#options.takeLostLogLines);
    if (metricsPort === undefined) return;
    const server = new MetricsServer({
      port: metricsPort,
      logger,
      meter: this.#meter,
      scrape: async () => ({
        type: this.#meter.contentType,
        body: await this.#meter.scrape(),
      }),
    });
    this.#stack.push(() => server.stop());
    const url = await server.start();
    await noteUrl(url, logger);
    logger.info('serving metrics', { url: `${url}/metrics` });
  }
}
