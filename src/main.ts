#!/usr/bin/env node
// Command line in, exit code out. The only file that ends the process.
import { runCommandLine } from './cli/program.ts';

/** What is written to a pipe may still be on its way; a library's timer must not hold the process longer than that. */
const LINGER_MS = 500;

process.exitCode = await runCommandLine(process.argv);
setTimeout(() => process.exit(), LINGER_MS).unref();
