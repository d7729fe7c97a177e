// `patchwatch backbone list` and `import`: what is installed, with licence and graphs, and how more gets there.
import type { Command } from 'commander';

import {
  describeBackbones,
  type InstalledBackbone,
} from '../../commands/backbone/describe-backbones.ts';
import { importBackbone } from '../../commands/backbone/import-backbone.ts';
import { printJson } from '../print-json.ts';

export const addBackboneCommand = (program: Command): void => {
  const backbone = program
    .command('backbone')
    .description('Look at the installed backbones, or add one.');
  backbone
    .command('list')
    .description('List the installed backbones.')
    .option('--json', 'print one JSON object')
    .exitOverride()
    .allowExcessArguments(false)
    .action(async (options: { json?: boolean }) => {
      const backbones = await describeBackbones();
      if (options.json === true) printJson({ backbones });
      else for (const one of backbones) process.stdout.write(describe(one));
    });
  backbone
    .command('import')
    .description('Check a backbone that tools/export_backbone.py wrote, and install it.')
    .argument('<folder|file>', 'what it wrote: the folder, or a file in it')
    .option('--replace', 'take the place of an imported backbone of the same name')
    .option('--json', 'print one JSON object')
    .exitOverride()
    .allowExcessArguments(false)
    .action(async (path: string, options: { replace?: boolean; json?: boolean }) => {
      const report = await importBackbone(path, { replaces: options.replace === true });
      if (options.json === true) {
        printJson(report);
        return;
      }
      const { name, folder } = report.backbone;
      process.stdout.write(
        `${name}: ${report.state} in ${folder}\nUse it with \`--backbone ${name}\`, or \`backbone: ${name}\` of a camera.\n`,
      );
    });
};

const describe = ({ name, licence, graphs, isShipped }: InstalledBackbone): string => {
  const lines = graphs.map(({ stageCount, grid, sizeBytes, sha256 }) => {
    const sizeMb = (sizeBytes / 1e6).toFixed(1);
    return `  ${stageCount} stages on ${grid}×${grid}  ${sizeMb} MB  sha256 ${sha256.slice(0, 12)}…\n`;
  });
  const origin = isShipped ? '' : `, imported`;
  return `${name} (${licence}${origin})\n${lines.join('')}`;
};
