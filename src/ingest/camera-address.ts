// Waits for the address of a camera whose secret is not there yet: the configuration is read again, with back-off.
import { backOffDelayMs } from '../core/back-off.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';

export interface CameraAddressOptions {
  readonly camera: CameraConfig;
  /** The configuration as it is now. */
  readonly reload: () => Promise<Config>;
  readonly onFault: (reason: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The camera with its address, as soon as it is known; undefined when the signal aborts before. */
export const untilAddressKnown = async (
  { camera, reload, onFault, clock, logger }: CameraAddressOptions,
  signal: AbortSignal,
): Promise<CameraConfig | undefined> => {
  let { problem } = camera;
  if (problem === undefined) return camera;
  for (let failureCount = 1; !signal.aborted; failureCount += 1) {
    const delayMs = backOffDelayMs(failureCount, Math.random);
    onFault(problem);
    const fields = { camera: camera.id, retryInMs: delayMs, reason: problem };
    logger.warn('camera has no address: it is not watched', fields);
    await clock.sleep(delayMs, signal).catch(() => undefined);
    // What is wrong with the file now is told when the daemon starts again; this camera lacks what it lacked.
    const config = await reload().catch(() => undefined);
    const now = config?.cameras.find(({ id }) => id === camera.id);
    if (now === undefined) continue;
    if (now.problem === undefined) {
      logger.info('camera has its address', { camera: camera.id });
      return { ...camera, url: now.url, problem: undefined };
    }
    problem = now.problem;
  }
  return undefined;
};
