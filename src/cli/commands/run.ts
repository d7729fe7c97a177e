// `patchwatch run`: the daemon, or one role of it.
import { Option, type Command } from 'commander';

import { ROLES, type Role } from '../../app/redis-daemon.ts';
import { runDaemon } from '../../commands/run/run-daemon.ts';
import { listenForStop } from '../../process/signals.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';
import { wholeNumber } from '../option-values.ts';

interface RunFlags {
  readonly config: string;
  readonly role: Role;
  readonly cameras?: string;
  readonly metricsPort?: number;
}

/** @param fault aborts when something went wrong that nobody caught */
export const addRunCommand = (program: Command, fault: AbortSignal): void => {
  program
    .command('run')
    .description('Watch the configured cameras until Ctrl-C.')
    .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
    .addOption(
      new Option('--role <role>', 'with a queue in Redis: which part runs here')
        .choices(ROLES)
        .default('all'),
    )
    .option('--cameras <ids>', 'ingest only: the cameras captured here, as gate,yard; default all')
    .option(
      '--metrics-port <port>',
      'ingest and worker: serve /metrics on loopback; 0 takes any free port',
      wholeNumber(0),
    )
    .action(async ({ config, role, cameras, metricsPort }: RunFlags) => {
      const stop = listenForStop(() => {
        process.stderr.write('stopping; again to stop at once\n');
      });
      await runDaemon({
        configPath: config,
        role,
        cameras: cameras?.split(','),
        metricsPort,
        signal: stop.signal,
        fault,
      });
      stop.dispose();
    });
};
