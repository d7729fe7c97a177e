// `run`: the daemon from its configuration file to a signal.
import { loadConfig } from '../config/load-config.ts';
import { untilAborted } from '../core/until-aborted.ts';
import { PinoLogger } from '../telemetry/pino-logger.ts';
import { Daemon } from './daemon.ts';

export interface RunDaemonOptions {
  readonly configPath: string;
  readonly signal: AbortSignal;
}

export const runDaemon = async ({ configPath, signal }: RunDaemonOptions): Promise<void> => {
  const config = await loadConfig(configPath, process.env);
  const logger = new PinoLogger(config.log);
  for (const warning of config.warnings) logger.warn('configuration', { warning });
  const daemon = new Daemon({ config, logger });
  await daemon.start();
  await untilAborted(signal);
  await daemon.stop();
  logger.info('stopped');
};
