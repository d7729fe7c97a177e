// Where a configuration's scene models are kept.
import { join } from 'node:path';

import type { Config } from './config.ts';

export const modelsDir = (config: Pick<Config, 'dataDir'>): string =>
  join(config.dataDir, 'models');
