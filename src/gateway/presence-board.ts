// What the gateway knows of the other processes: how many workers take work, what each camera does.
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { IngestFacts, RedisPresence } from '../redis/redis-presence.ts';
import type { LiveView } from './live-view.ts';

const NO_INGEST = 'no ingest process is running for it';
/** An ingest process that vanished may only be cut off, with frames that are still to come. */
const DOUBT_MS = 15_000;

export interface PresenceBoardOptions {
  readonly presence: RedisPresence;
  readonly view: LiveView;
  readonly isUp: () => boolean;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly meter: Meter;
  readonly logger: Logger;
}

export class PresenceBoard {
  readonly #options: PresenceBoardOptions;
  /** Since when a camera is captured by several; Infinity when that was told. */
  readonly #doubleSinceMs = new Map<CameraId, number>();
  /** When a camera was last known to give frames. */
  readonly #lastUpMs = new Map<CameraId, number>();
  #workerCount = 0;

  constructor(options: PresenceBoardOptions) {
    this.#options = options;
  }

  /** Workers whose scoring process is ready; none can be known while Redis is away. */
  get workerCount(): number {
    return this.#options.isUp() ? this.#workerCount : 0;
  }

  /** Frames of the camera may be on their way here, in Redis or before. */
  mayCapture(camera: CameraId): boolean {
    const lastUpMs = this.#lastUpMs.get(camera);
    return lastUpMs !== undefined && this.#options.clock.monotonicMs() - lastUpMs < DOUBT_MS;
  }

  async refresh(): Promise<void> {
    const { presence, view } = this.#options;
    const members = await presence.members();
    this.#workerCount = members.filter(
      (member) => member.role === 'worker' && member.isReady,
    ).length;
    const reports = new Map<CameraId, IngestFacts['cameras'][number][]>();
    for (const member of members) {
      if (member.role !== 'ingest') continue;
      for (const report of member.cameras) {
        const ofCamera = reports.get(report.cameraId);
        if (ofCamera === undefined) reports.set(report.cameraId, [report]);
        else ofCamera.push(report);
      }
    }
    for (const camera of view.cameraIds()) this.#show(camera, reports.get(camera) ?? []);
  }

  #show(camera: CameraId, reports: IngestFacts['cameras']): void {
    const { view, meter, clock } = this.#options;
    const report = reports.find(({ state }) => state === 'up') ?? reports[0];
    view.setState(
      camera,
      report?.state ?? 'down',
      report === undefined ? NO_INGEST : report.reason,
    );
    meter.set('patchwatch_camera_up', { camera }, report?.state === 'up' ? 1 : 0);
    if (report?.state === 'up') this.#lastUpMs.set(camera, clock.monotonicMs());
    else if (report !== undefined) this.#lastUpMs.delete(camera);
    this.#judge(camera, reports.length);
  }

  /** One that died is remembered for a few seconds beside the one that was started for it. */
  #judge(camera: CameraId, count: number): void {
    const { clock, logger } = this.#options;
    if (count <= 1) {
      this.#doubleSinceMs.delete(camera);
      return;
    }
    const nowMs = clock.monotonicMs();
    const sinceMs = this.#doubleSinceMs.get(camera) ?? nowMs;
    this.#doubleSinceMs.set(camera, sinceMs);
    if (nowMs - sinceMs < DOUBT_MS) return;
    this.#doubleSinceMs.set(camera, Infinity);
    logger.error('camera is captured by several ingest processes: its alerts are not reliable', {
      camera,
      remedy: 'stop all but one, or give each its cameras with --cameras',
    });
  }
}
