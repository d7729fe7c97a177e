#!/usr/bin/env node
// Command line in, exit code out. The only file that ends the process.
import { runCommandLine } from './cli/program.ts';

process.exitCode = await runCommandLine(process.argv);
