// The gateway role as a process of its own: hears outcomes from Redis, tells alerts and serves everybody.
import { PatchwatchError } from '../core/errors.ts';
import type { CameraId } from '../core/ids.ts';
import type { EventConsumer } from '../core/ports/event-consumer.ts';
import type { FrameQueue } from '../core/ports/frame-queue.ts';
import type { LatestFrame } from '../core/ports/live-state.ts';
import { FrameLedger } from '../queue/frame-ledger.ts';
import { RedisFrames } from '../redis/redis-frames.ts';
import { RedisJournal } from '../redis/redis-journal.ts';
import { RedisLedger } from '../redis/redis-ledger.ts';
import { RedisModels } from '../redis/redis-models.ts';
import { RedisOutcomes } from '../redis/redis-outcomes.ts';
import { StandbyServer } from '../server/standby-server.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { KEPT_EVENTS } from '../events/event-tail.ts';
import { RedisEventLog } from '../events/redis-event-log.ts';
import { Gateway } from '../gateway/gateway.ts';
import { ModelPublisher } from '../scoring/model-publisher.ts';
import { ModelWatch } from '../scoring/model-watch.ts';
import { modelsDir } from '../config/data-folders.ts';
import { PresenceBoard } from '../gateway/presence-board.ts';
import type { RedisRole, RedisBase } from './redis-base.ts';
import { repeat } from '../process/repeat.ts';
import { systemClock } from '../process/system-clock.ts';

const LEDGER_MS = 1_000;
const PRESENCE_MS = 1_000;
const MODELS_MS = 2_000;
/** How long a page waits for the first frame of a camera that nobody looked at. */
const FIRST_FRAME_MS = 2_000;
const FRAME_POLL_MS = 50;
/** The gateway before this one may still listen for a while. */
const LISTEN_AGAIN_MS = 250;
const LISTEN_AGAIN_AT_MOST_MS = 2_000;

const NO_ACCOUNT = { captured: 0, scored: 0, dropped: {}, waiting: 0, leased: 0 };

type Depth = Awaited<ReturnType<FrameQueue['depth']>>;

export interface RedisGatewayOptions extends RedisBase {
  /** Besides clients, log lines and metrics. */
  readonly consumers: readonly EventConsumer[];
  /** Another gateway took over. */
  readonly onReplaced: () => void;
}

export class RedisGateway implements RedisRole {
  readonly #parts: RedisGatewayOptions;
  readonly #ledger: FrameLedger;
  readonly #frames: RedisFrames;
  readonly #journal: RedisJournal;
  readonly #gateway: Gateway;
  readonly #log: RedisEventLog;
  readonly #board: PresenceBoard;
  readonly #stop = new AbortController();
  #lastDepth: Depth = { frames: 0, oldestAgeMs: 0 };
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: RedisGatewayOptions) {
    this.#parts = parts;
    const { config, cameras, link, presence, id, logger, meter } = parts;
    this.#ledger = new FrameLedger(meter);
    this.#frames = new RedisFrames({ link });
    this.#journal = new RedisJournal({
      link,
      token: id,
      keptEvents: KEPT_EVENTS,
      clock: systemClock,
    });
    this.#log = new RedisEventLog({ journal: this.#journal, clock: systemClock });
    this.#gateway = new Gateway({
      config,
      cameras,
      ledger: this.#ledger,
      queue: { depth: () => this.#depth() },
      isUnderWay: (camera) =>
        !link.isUp || this.#board.mayCapture(camera) || this.#ledger.balance(camera).inFlight > 0,
      workerCount: () => this.#board.workerCount,
      latestFrame: (camera) => this.#latestFrame(camera),
      log: this.#log,
      onStateRefused: (camera, bytes) => {
        this.#journal.refuseState(camera, bytes);
      },
      consumers: parts.consumers,
      onReplaced: parts.onReplaced,
      clock: systemClock,
      logger,
      meter,
    });
    this.#board = new PresenceBoard({
      presence,
      view: this.#gateway.view,
      isUp: () => link.isUp,
      clock: systemClock,
      meter,
      logger,
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { config, cameras, logger, meter } = this.#parts;
    const models = new ModelWatch({
      config,
      cameras,
      onFault: (camera, fault) => {
        this.#gateway.view.setFault(camera, fault);
      },
      onLook: (camera, refused) => {
        this.#gateway.seeRefused(camera, refused);
      },
      clock: systemClock,
      logger,
    });
    const hasStoodBy = await this.#standBy(signal);
    await this.#log.open();
    await this.#refreshLedger();
    this.#gateway.begin();
    await models.start();
    await this.#board.refresh();
    meter.beforeScrape(() => this.#refreshLedger().catch(() => undefined));
    // It is the one gateway from here on, whoever still listens where it is to listen.
    this.#run(models);
    const url = hasStoodBy ? await this.#listen(signal) : await this.#gateway.listen();
    logger.info('watching', { cameras: cameras.length, url, config: config.path });
  }

  /** Until this is the one gateway; whether another was before it. Whoever asks meanwhile is told that it lives. */
  async #standBy(signal: AbortSignal): Promise<boolean> {
    const { config, logger, meter } = this.#parts;
    let standby: StandbyServer | undefined;
    let starting: Promise<void> | undefined;
    try {
      await this.#journal.own(signal, () => {
        logger.info('another gateway is running: standing by');
        standby = new StandbyServer({ ...config.server, logger, meter });
        starting = standby.start();
      });
    } finally {
      await starting;
      await standby?.stop();
    }
    return standby !== undefined;
  }

  #run(models: ModelWatch): void {
    this.#running = Promise.all([
      this.#hear(),
      models.run(this.#stop.signal),
      ...this.#repeating(),
    ]);
  }

  /** Tries again while another process listens there: the one that this one took over from may take its time. */
  async #listen(signal: AbortSignal): Promise<string> {
    const { logger } = this.#parts;
    let pauseMs = LISTEN_AGAIN_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#gateway.listen();
      } catch (error) {
        if (!(error instanceof PatchwatchError) || error.code !== 'ADDRESS_IN_USE') throw error;
        if (attempt === 1)
          logger.warn('took over, and can’t listen yet: trying again', { reason: error.message });
      }
      await systemClock.sleep(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, LISTEN_AGAIN_AT_MOST_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#gateway.stop();
    await this.#journal.release().catch(() => undefined); // then it expires
  }

  async #hear(): Promise<void> {
    const { link, logger } = this.#parts;
    const outcomes = new RedisOutcomes({ link, clock: systemClock, logger });
    await outcomes.run((segment, outcome, told) => {
      this.#gateway.tell(segment, outcome, told);
    }, this.#stop.signal);
  }

  #repeating(): readonly Promise<void>[] {
    const { config, cameras, models, link, logger } = this.#parts;
    const every = (everyMs: number, what: string, run: () => Promise<void>): Promise<void> =>
      repeat(
        { what, everyMs, isPossible: () => link.isUp, run, clock: systemClock, logger },
        this.#stop.signal,
      );
    const publisher = new ModelPublisher({
      cameras,
      store: new FsModelStore({ folder: modelsDir(config) }),
      models: new RedisModels({ link }),
      logger,
    });
    return [
      every(LEDGER_MS, 'reading the ledger', () => this.#refreshLedger()),
      every(PRESENCE_MS, 'asking who is there', () => this.#board.refresh()),
      ...(models === 'redis'
        ? [every(MODELS_MS, 'publishing scene models', () => publisher.publish())]
        : []),
    ];
  }

  /** While Redis is away, what was known last stays. */
  async #refreshLedger(): Promise<void> {
    const { link, cameras, logger } = this.#parts;
    if (!link.isUp) return;
    const accounts = await new RedisLedger({ link }).read();
    let begunAnew = 0;
    for (const { id } of cameras) {
      const account = accounts.get(id) ?? NO_ACCOUNT;
      if (account.captured < this.#ledger.balance(id).captured) begunAnew += 1;
      this.#ledger.restate(id, { ...account, inFlight: account.waiting + account.leased });
    }
    if (begunAnew > 0)
      logger.warn('redis has lost its accounts: they begin anew', { cameras: begunAnew });
  }

  /** The same. */
  async #depth(): Promise<Depth> {
    this.#lastDepth = await this.#parts.queue.depth().catch(() => this.#lastDepth);
    return this.#lastDepth;
  }

  async #latestFrame(camera: CameraId): Promise<LatestFrame | undefined> {
    const endMs = systemClock.monotonicMs() + FIRST_FRAME_MS;
    for (;;) {
      if (!this.#parts.link.isUp) return undefined;
      const frame = await this.#frames.look(camera);
      if (frame !== undefined || systemClock.monotonicMs() > endMs) return frame;
      await systemClock.sleep(FRAME_POLL_MS);
    }
  }
}
