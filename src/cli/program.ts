// The command tree, and how each failure becomes one line on stderr and an exit code.
import { Command, CommanderError } from 'commander';

import { PatchwatchError, toError } from '../core/errors.ts';
import { redactUrl } from '../core/redact-url.ts';
import { VERSION } from '../app/version.ts';
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

const buildProgram = (): Command => {
  const program = new Command('patchwatch')
    .description('Watches fixed cameras for what they have never seen.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'patchwatch: ')),
    });
  addRunCommand(program);
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

/** One line a problem; a stack trace only for what is a bug of ours. */
const report = (error: Error): number => {
  if (error instanceof PatchwatchError) {
    process.stderr.write(`patchwatch: ${redactUrl(error.message)}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `patchwatch: internal error, please report it: ${redactUrl(error.stack ?? error.message)}\n`,
  );
  return EXIT_INTERNAL;
};

/** Runs the command and returns the exit code of the process. */
export const runCommandLine = async (argv: readonly string[]): Promise<number> => {
  try {
    await buildProgram().parseAsync(argv);
    return 0;
  } catch (thrown) {
    // commander has printed its own message; help and version are not failures.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
    return report(toError(thrown));
  }
};
