// `run`: the daemon from its configuration file to a signal.
import type { CameraConfig, Config } from '../../config/config.ts';
import { loadConfigInPart } from '../../config/load-config.ts';
import { PatchwatchError, toError } from '../../core/errors.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import { PinoLogger } from '../../telemetry/pino-logger.ts';
import { Daemon } from '../../app/daemon.ts';
import { findCamera } from '../find-scene.ts';
import { RedisDaemon, type Role } from '../../app/redis-daemon.ts';

export interface RunDaemonOptions {
  readonly configPath: string;
  readonly role: Role;
  /** What ingest captures; all when undefined. */
  readonly cameras: readonly string[] | undefined;
  readonly metricsPort: number | undefined;
  readonly signal: AbortSignal;
  /** Aborts, with the error as reason, when something went wrong that nobody caught. */
  readonly fault: AbortSignal;
}

export const runDaemon = async (options: RunDaemonOptions): Promise<void> => {
  const config = await loadConfigInPart(options.configPath, process.env);
  checkUsage(config, options);
  const logger = new PinoLogger(config.log);
  for (const warning of config.warnings) logger.warn('configuration', { warning });
  options.fault.addEventListener('abort', () => {
    logger.error('internal error: stopping', { err: toError(options.fault.reason) });
  });
  const signal = AbortSignal.any([options.signal, options.fault]);
  if (config.queue.kind === 'memory') await runInMemory(config, logger, signal);
  else await runOnRedis(config, logger, { ...options, signal });
  logger.info('stopped');
};

const runInMemory = async (
  config: Config,
  logger: PinoLogger,
  signal: AbortSignal,
): Promise<void> => {
  const daemon = new Daemon({ config, logger, takeLostLogLines: () => logger.takeLostCount() });
  await daemon.start();
  await untilAborted(signal);
  await daemon.stop();
};

const runOnRedis = async (
  config: Config,
  logger: PinoLogger,
  { role, cameras, metricsPort, signal }: RunDaemonOptions,
): Promise<void> => {
  const captured = capturedCameras(config, cameras);
  const daemon = new RedisDaemon({
    config,
    captured,
    role,
    metricsPort,
    logger: logger.child({ role }),
    takeLostLogLines: () => logger.takeLostCount(),
  });
  await daemon.start(signal);
  await untilAborted(AbortSignal.any([signal, daemon.replaced]));
  await daemon.stop();
  daemon.replaced.throwIfAborted();
};

const capturedCameras = (
  config: Config,
  ids: readonly string[] | undefined,
): readonly CameraConfig[] =>
  (ids?.map((id) => findCamera(config, id)) ?? config.cameras).filter((camera) => camera.enabled);

/** @throws PatchwatchError USAGE */
const checkUsage = (config: Config, { role, cameras, metricsPort }: RunDaemonOptions): void => {
  const isApart = role === 'ingest' || role === 'worker';
  if (role !== 'all' && config.queue.kind === 'memory') {
    throw new PatchwatchError(
      'USAGE',
      `--role ${role}: ${config.path} has queue.kind memory, with which everything runs in one process; set queue.kind: bullmq and queue.redis, or leave --role out`,
    );
  }
  if (cameras !== undefined && role !== 'ingest') {
    throw new PatchwatchError('USAGE', '--cameras: only with --role ingest');
  }
  if (metricsPort !== undefined && !isApart) {
    throw new PatchwatchError(
      'USAGE',
      `--metrics-port: only with --role ingest or worker; otherwise metrics are at server.port (${config.server.port})`,
    );
  }
};
