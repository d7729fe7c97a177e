// What the gateway knows of the other processes: how many workers take work, what each camera does.
import type { CameraId } from '../core/ids.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { IngestFacts, RedisPresence } from '../queue/redis-presence.ts';
import type { LiveView } from './live-view.ts';

const NO_INGEST = 'no ingest process is running for it';

export interface PresenceBoardOptions {
  readonly presence: RedisPresence;
  readonly view: LiveView;
  readonly isUp: () => boolean;
  readonly logger: Logger;
}

export class PresenceBoard {
  readonly #options: PresenceBoardOptions;
  readonly #captureTwice = new Set<CameraId>();
  #workerCount = 0;

  constructor(options: PresenceBoardOptions) {
    this.#options = options;
  }

  /** Workers whose scoring process is ready; none can be known while Redis is away. */
  get workerCount(): number {
    return this.#options.isUp() ? this.#workerCount : 0;
  }

  async refresh(): Promise<void> {
    const { presence, view } = this.#options;
    const members = await presence.members();
    this.#workerCount = members.filter(
      (member) => member.role === 'worker' && member.isReady,
    ).length;
    const reports = members.flatMap((member) => (member.role === 'ingest' ? member.cameras : []));
    for (const camera of view.cameraIds()) {
      const ofCamera = reports.filter(({ cameraId }) => cameraId === camera);
      this.#show(camera, ofCamera);
    }
  }

  #show(camera: CameraId, reports: IngestFacts['cameras']): void {
    const { view, logger } = this.#options;
    const report = reports.find(({ state }) => state === 'up') ?? reports[0];
    view.setState(
      camera,
      report?.state ?? 'down',
      report === undefined ? NO_INGEST : report.reason,
    );
    if (reports.length <= 1) this.#captureTwice.delete(camera);
    else if (!this.#captureTwice.has(camera)) {
      this.#captureTwice.add(camera);
      logger.error(
        'camera is captured by several ingest processes: its alerts can’t be relied on',
        {
          camera,
          remedy: 'stop all but one, or give each its cameras with --cameras',
        },
      );
    }
  }
}
