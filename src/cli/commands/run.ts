// `patchwatch run`: the daemon.
import type { Command } from 'commander';

import { runDaemon } from '../../app/run-daemon.ts';
import { listenForStop } from '../../app/signals.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';

export const addRunCommand = (program: Command): void => {
  program
    .command('run')
    .description('Watch the configured cameras until Ctrl-C.')
    .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
    .action(async (flags: { config: string }) => {
      const stop = listenForStop(() => {
        process.stderr.write('stopping; again to stop at once\n');
      });
      await runDaemon({ configPath: flags.config, signal: stop.signal });
      stop.dispose();
    });
};
