// The scoring process begins here.
import { createRequire } from 'node:module';

import type { ScorerSettings } from './scorer-settings.ts';

// Stopping is the daemon's decision: it closes the pipe. A Ctrl-C at the terminal reaches us too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

// One module after the other: `import` opens all files of a graph at once, and fails where few may be open.
const require = createRequire(import.meta.url);
const { serveScorer } = require('./serve-scorer.js') as typeof import('./serve-scorer.ts');

await serveScorer(JSON.parse(process.argv[2] ?? '{}') as ScorerSettings);
process.exit(0);
