// Where a configuration's scene models are kept.
import { join } from 'node:path';

import type { Config } from './config.ts';

export const modelsDir = (config: Pick<Config, 'dataDir'>): string =>
  join(config.dataDir, 'models');

/** Where the event log of an installation without Redis is kept. */
export const eventsDir = (config: Pick<Config, 'dataDir'>): string =>
  join(config.dataDir, 'events');
