// `patchwatch check`: is the configuration right? All problems at once.
import type { Command } from 'commander';

import { checkConfig, type CheckReport } from '../../commands/check/check-config.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';
import { printJson } from '../print-json.ts';

export const addCheckCommand = (program: Command): void => {
  program
    .command('check')
    .description('Check the configuration and say which scenes are fitted.')
    .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
    .option('--json', 'print one JSON object')
    .action(async (flags: { config: string; json?: boolean }) => {
      const { report, failures } = await checkConfig(flags.config);
      if (flags.json === true) printJson(report);
      else print(report);
      if (failures.length > 0) throw new AggregateError(failures, 'cameras can’t be watched');
      if (flags.json !== true) process.stdout.write(`${flags.config} is right\n`);
    });
};

const print = ({ warnings, scenes }: CheckReport): void => {
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  for (const { camera, scene, state } of scenes) {
    process.stdout.write(`camera ${camera}, scene ${scene}: ${state}\n`);
  }
};
