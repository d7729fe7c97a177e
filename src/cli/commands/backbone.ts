// `patchwatch backbone list`: what is installed, with its licence and graphs.
import type { Command } from 'commander';

import { describeBackbones } from '../../app/describe-backbones.ts';
import { printJson } from '../print-json.ts';

export const addBackboneCommand = (program: Command): void => {
  const backbone = program.command('backbone').description('Look at the installed backbones.');
  backbone
    .command('list')
    .description('List the installed backbones.')
    .option('--json', 'print one JSON object')
    .exitOverride()
    .action(async (options: { json?: boolean }) => {
      const backbones = await describeBackbones();
      if (options.json === true) {
        printJson({ backbones });
        return;
      }
      for (const { name, licence, graphs } of backbones) {
        process.stdout.write(`${name} (${licence})\n`);
        for (const graph of graphs) {
          const sizeMb = (graph.sizeBytes / 1e6).toFixed(1);
          process.stdout.write(
            `  ${graph.stageCount} stages on ${graph.grid}×${graph.grid}  ${sizeMb} MB  sha256 ${graph.sha256.slice(0, 12)}…\n`,
          );
        }
      }
    });
};
