#!/usr/bin/env node
// Command line in, exit code out. The only file that ends the process.
import { createRequire } from 'node:module';

/** What is written to a pipe may still be on its way; a library's timer must not hold the process longer than that. */
const LINGER_MS = 500;

// One module after the other: `import` opens all files of a graph at once, and fails where few may be open.
const require = createRequire(import.meta.url);
const { runCommandLine } = require('./cli/program.js') as typeof import('./cli/program.ts');

process.exitCode = await runCommandLine(process.argv);
setTimeout(() => process.exit(), LINGER_MS).unref();
