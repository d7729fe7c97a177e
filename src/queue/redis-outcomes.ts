// Tells a gateway how segments ended, from a stream in Redis that only forgets what was acknowledged.
import type { Logger } from '../core/ports/logger.ts';
import type { OutcomeFeed, ToldListener } from '../core/ports/outcome-feed.ts';
import type { RedisLink } from './redis-link.ts';

export interface RedisOutcomesOptions {
  readonly link: RedisLink;
  readonly logger: Logger;
}

export class RedisOutcomes implements OutcomeFeed {
  readonly #options: RedisOutcomesOptions;

  constructor(options: RedisOutcomesOptions) {
    this.#options = options;
  }

  run(listener: ToldListener, signal: AbortSignal): Promise<void> {
    return Promise.reject(this.#options.link.unavailable({ listener, signal }));
  }
}
