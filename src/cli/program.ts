// The command tree, and how each failure becomes one line on stderr and an exit code.
import { setImmediate } from 'node:timers/promises';

import { Command, CommanderError } from 'commander';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { redactUrl } from '../core/redact-url.ts';
import { LastResort } from '../process/last-resort.ts';
import { VERSION } from '../process/version.ts';
import { addBackboneCommand } from './commands/backbone.ts';
import { addBenchCommand } from './commands/bench.ts';
import { addCheckCommand } from './commands/check.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addFitCommand } from './commands/fit.ts';
import { addRunCommand } from './commands/run.ts';
import { addScoreCommand } from './commands/score.ts';

const EXIT_USAGE = 64;
const EXIT_INTERNAL = 70;

const buildProgram = (fault: AbortSignal): Command => {
  const program = new Command('patchwatch')
    .description('Watches fixed cameras for what they have never seen.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      outputError: (text, write) => write(printable(text.replace(/^error: /, 'patchwatch: '))),
    });
  addRunCommand(program, fault);
  addFitCommand(program);
  addScoreCommand(program);
  addEvaluateCommand(program);
  addCheckCommand(program);
  addDemoCommand(program);
  addBackboneCommand(program);
  addBenchCommand(program);
  for (const command of program.commands) command.exitOverride().allowExcessArguments(false);
  return program;
};

const say = (text: string): void => {
  process.stderr.write(`patchwatch: ${printable(redactUrl(text))}\n`);
};

/** One line a problem; where it is a bug of ours, with the places it came through. */
const report = (error: Error): number => {
  if (error instanceof AggregateError) {
    const [first, ...others] = (error.errors as readonly unknown[]).map(toError).map(report);
    return first ?? others[0] ?? EXIT_INTERNAL;
  }
  if (error instanceof PatchwatchError) {
    say(error.message);
    return error.exitCode;
  }
  const places = (error.stack ?? error.message).split('\n').map((line) => line.trim());
  say(`internal error, please report it: ${places.join(' ')}`);
  return EXIT_INTERNAL;
};

/** A result that could not be written is a failure, unless its reader had enough of it. */
const outputFailure = (stdout: NodeJS.WriteStream): (() => Error | undefined) => {
  let failure: Error | undefined;
  stdout.on('error', (error: Error) => {
    if (systemErrorCode(error) === 'EPIPE') return;
    failure ??= new PatchwatchError('STORAGE_FAILED', `can't write the output: ${error.message}`, {
      cause: error,
    });
  });
  return () => failure;
};

/** Runs the command and returns the exit code of the process. */
export const runCommandLine = async (argv: readonly string[]): Promise<number> => {
  const lastResort = new LastResort();
  lastResort.listen();
  process.stderr.on('error', () => undefined);
  const failureOfOutput = outputFailure(process.stdout);
  try {
    const program = buildProgram(lastResort.signal);
    await lastResort.guard(async () => {
      await program.parseAsync(argv);
    });
    await flushed(process.stdout);
    const failure = failureOfOutput();
    return failure === undefined ? 0 : report(failure);
  } catch (thrown) {
    // commander has printed its own message; help and version are not failures.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
    return report(toError(thrown));
  }
};

/** Resolves when what was written is on its way, or can't be. */
const flushed = async (stream: NodeJS.WriteStream): Promise<void> => {
  // Even an empty write fails on a full disk, where nothing ever waits.
  if (stream.writableLength > 0) {
    await new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  }
  // A failure is told in the turn after.
  await setImmediate();
};
