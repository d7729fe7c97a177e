// Owns the connections to Redis: one for commands, others for whoever blocks. Says when Redis is there and
// when it is gone; connects again by itself for as long as it is open.
import { Cluster } from 'ioredis';

import { orAborted } from '../core/deferred.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import { redactUrl } from '../core/redact-url.ts';
import { createRedisClient, type RedisClient } from './redis-options.ts';
import {
  RedisQuarantine,
  type SetAside,
  type SetAsideKind,
  MOST_SET_ASIDE,
} from './redis-quarantine.ts';
import type { RedisEndpoint, RedisSettings } from './redis-settings.ts';
import { endSilenceTimer } from './silence-timer.ts';

const START_TIMEOUT_MS = 10_000;
/** Answers that waiting will not change. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/;

export interface RedisLinkOptions {
  readonly settings: RedisSettings;
  readonly logger: Logger;
  readonly meter: Meter;
  /** How long `start` waits for Redis; 10 s when undefined. */
  readonly startTimeoutMs?: number;
}

const endpointText = (endpoint: RedisEndpoint): string =>
  endpoint.kind === 'single'
    ? redactUrl(endpoint.url)
    : endpoint.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');

export class RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #listeners = new Set<(isUp: boolean) => void>();
  readonly #duplicates = new Set<RedisClient>();
  readonly #quarantine: RedisQuarantine;
  #commands: RedisClient | undefined;
  #isUp = false;
  #lastError: Error | undefined;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    const { logger, meter } = options;
    this.#quarantine = new RedisQuarantine({
      write: (fields) => {
        const length = ['MAXLEN', MOST_SET_ASIDE] as const;
        return this.ask(() =>
          this.commands.xadd(`${this.prefix}:quarantine`, ...length, '*', ...fields),
        );
      },
      logger,
      meter,
    });
  }

  /** Begins every key of ours; the braces keep all of them in one slot of a cluster. */
  get prefix(): string {
    return `{patchwatch:${this.#options.settings.namespace}}`;
  }

  /** The connection for commands that do not block. Commands wait while Redis is away. */
  get commands(): RedisClient {
    if (this.#commands === undefined) throw this.unavailable(new Error('not connected yet'));
    return this.#commands;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Calls back on every change from now on; returns what ends it. */
  onState(listener: (isUp: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws PatchwatchError QUEUE_UNAVAILABLE when Redis can't be reached in time or refuses the credentials */
  async start(): Promise<void> {
    const client = await createRedisClient(this.#options.settings);
    this.#commands = client;
    this.#lookAfter(client);
    try {
      await this.#untilReady(client);
      await this.#warnOfEviction(client);
    } catch (error) {
      client.disconnect();
      throw this.unavailable(error);
    }
  }

  /** An entry that is not ours: kept aside, counted, told; and taken away, where there is something to take. */
  setAside(
    kind: SetAsideKind,
    found: SetAside,
    remove?: (client: RedisClient) => Promise<unknown>,
  ): void {
    this.#quarantine.add(kind, found);
    if (remove === undefined) return;
    this.ask(() => remove(this.commands)).catch((error: unknown) => {
      const reason = toError(error).message;
      this.#options.logger.debug('what was set aside is still there', { reason });
    });
  }

  /** A connection of its own, for commands that block. Closed with the link, or by its user. */
  duplicate(): RedisClient {
    const duplicate = this.commands.duplicate();
    duplicate.on('error', (error: Error) => {
      this.#options.logger.debug('redis connection failed', { reason: this.#reason(error) });
    });
    return duplicate;
  }

  /** And those that are made of it. BullMQ leaves one behind that is connecting, which would go on for ever. */
  #lookAfter(client: RedisClient): void {
    endSilenceTimer(client);
    const keep = <Made extends RedisClient>(made: Made): Made => {
      this.#lookAfter(made);
      made.on('end', () => this.#duplicates.delete(made));
      this.#duplicates.add(made);
      return made;
    };
    if (client instanceof Cluster) {
      const duplicate = client.duplicate.bind(client);
      client.duplicate = (...changes) => keep(duplicate(...changes));
    } else {
      const duplicate = client.duplicate.bind(client);
      client.duplicate = (...changes) => keep(duplicate(...changes));
    }
  }

  /** What a command threw, as an error that says which Redis and what to do; never with credentials. */
  unavailable(thrown: unknown): PatchwatchError {
    if (thrown instanceof PatchwatchError) return thrown;
    const place = endpointText(this.#options.settings.endpoint);
    return new PatchwatchError(
      'QUEUE_UNAVAILABLE',
      `no use of Redis at ${place}: ${this.#reason(toError(thrown))}; check queue.redis and that Redis runs`,
      { cause: thrown },
    );
  }

  /**
   * For questions that are worth nothing later: fails at once while Redis is away, instead of waiting for it.
   *
   * @throws PatchwatchError QUEUE_UNAVAILABLE
   */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (!this.#isUp) throw this.unavailable(this.#lastError ?? new Error('not connected'));
    const gone = new AbortController();
    const forget = this.onState(() => {
      gone.abort(new Error('the connection broke'));
    });
    try {
      return await orAborted(question(), gone.signal);
    } catch (error) {
      throw this.unavailable(error);
    } finally {
      forget();
    }
  }

  close(): Promise<void> {
    for (const client of [...this.#duplicates, this.#commands]) client?.disconnect();
    this.#duplicates.clear();
    this.#setUp(false);
    return Promise.resolve();
  }

  async #warnOfEviction(client: RedisClient): Promise<void> {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1];
    if (policy === undefined || policy === 'noeviction') return;
    this.#options.logger.warn('redis may throw away frames and accounts: set noeviction', {
      'maxmemory-policy': policy,
    });
  }

  #untilReady(client: RedisClient): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.#lastError ?? new Error('no answer'));
      }, this.#options.startTimeoutMs ?? START_TIMEOUT_MS);
      const isRefused = (error: Error): void => {
        if (!REFUSED.test(error.message)) return;
        clearTimeout(timer);
        reject(error);
      };
      client.on('error', (error: Error) => {
        this.#onError(error);
        isRefused(error);
      });
      client.on('ready', () => {
        clearTimeout(timer);
        this.#setUp(true);
        resolve();
      });
      client.on('close', () => {
        this.#setUp(false);
      });
      client.connect().catch((error: unknown) => {
        isRefused(toError(error)); // the others are tried again
      });
    });
  }

  #onError(error: Error): void {
    // The same one at every attempt while Redis is away.
    if (error.message === this.#lastError?.message) return;
    this.#lastError = error;
    this.#options.logger.warn('redis connection failed', { reason: this.#reason(error) });
  }

  #setUp(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    if (isUp) this.#lastError = undefined;
    this.#options.meter.set('patchwatch_redis_up', {}, isUp ? 1 : 0);
    this.#options.logger.info(isUp ? 'redis is up' : 'redis is down', {
      redis: endpointText(this.#options.settings.endpoint),
    });
    for (const listener of this.#listeners) listener(isUp);
  }

  #reason(error: Error): string {
    return redactUrl(error.message === '' ? error.name : error.message);
  }
}
