// What leaves the daemon: HTTP, WebSocket, the live page.
import type { ServerConfig } from '../config/config.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { CameraId } from '../core/ids.ts';
import type {
  CameraStats,
  CameraStatus,
  LatestFrame,
  LiveState,
} from '../core/ports/live-state.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';
import { Access } from '../server/access.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import { FrameImages } from '../images/frame-images.ts';
import { HttpServer } from '../server/http-server.ts';
import { readPageFiles } from '../server/page-files.ts';
import { WsHub } from '../server/ws-hub.ts';
import type { PromMeter } from '../telemetry/prom-meter.ts';
import type { LiveView } from './live-view.ts';
import { VERSION } from '../process/version.ts';
import { noteUrl } from '../server/url-file.ts';

export interface WebFrontOptions {
  readonly server: ServerConfig;
  readonly view: LiveView;
  readonly latestFrame: (camera: CameraId) => Promise<LatestFrame | undefined>;
  readonly log: EventLog;
  readonly queue: Pick<FrameQueue, 'depth'>;
  readonly isScorerUp: () => boolean;
  readonly meter: PromMeter;
  readonly logger: Logger;
}

export class WebFront {
  readonly #options: WebFrontOptions;
  readonly #access: Access;
  readonly #state: LiveState;
  readonly #hub: WsHub;
  #server: HttpServer | undefined;

  constructor(options: WebFrontOptions) {
    this.#options = options;
    this.#access = new Access(options.server);
    this.#state = this.#liveState();
    this.#hub = new WsHub({
      version: VERSION,
      access: this.#access,
      maxClients: options.server.maxClients,
      state: this.#state,
      log: options.log,
      meter: options.meter,
    });
  }

  /** Resolves with the address to open in a browser. */
  async start(): Promise<string> {
    const { server, log, meter, logger } = this.#options;
    const images = new FrameImages();
    images.start();
    this.#server = new HttpServer({
      host: server.host,
      port: server.port,
      access: this.#access,
      hub: this.#hub,
      logger,
      meter,
      routes: {
        state: this.#state,
        log,
        images,
        pages: await readPageFiles(),
        scrape: async () => ({ type: meter.contentType, body: await meter.scrape() }),
      },
    });
    const url = await this.#server.start();
    this.#hub.start();
    await noteUrl(url, logger);
    return url;
  }

  async stop(): Promise<void> {
    this.#hub.stop();
    await this.#server?.stop();
  }

  /** Tells clients what the log holds. */
  get clients(): EventConsumer {
    return this.#hub;
  }

  publishCamera(status: CameraStatus): void {
    this.#hub.publishCamera(status);
  }

  publishStats(stats: readonly CameraStats[]): void {
    for (const one of stats) this.#hub.publishStats(one);
  }

  publishMap({ cameraId, stamp, side, map, threshold }: ScoredFrame): void {
    this.#hub.publishMap({ cameraId, stamp, side, values: map, threshold });
  }

  #liveState(): LiveState {
    const { view, latestFrame, queue, isScorerUp } = this.#options;
    return {
      cameraIds: () => view.cameraIds(),
      statuses: () => view.statuses(),
      latestFrame,
      readiness: async () => {
        const cameras = view.statuses();
        const areScored = cameras.every(
          ({ state, modelVersion }) =>
            modelVersion !== undefined && state !== 'down' && state !== 'failed',
        );
        return {
          isReady: isScorerUp() && areScored,
          cameras,
          queueFrames: (await queue.depth()).frames,
          isScorerUp: isScorerUp(),
        };
      },
    };
  }
}
