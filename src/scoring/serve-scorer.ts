// What the scoring process does: reads segments from the pipe, scores them, writes maps back; ends with the pipe.
import type { Engine } from '../core/ports/engine.ts';
import type { Logger } from '../core/ports/logger.ts';
import { UNMEASURED_POLICY } from '../core/batch-policy.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { PinoLogger } from '../telemetry/pino-logger.ts';
import { BlockingChannel } from './blocking-channel.ts';
import { RelayMeter } from './relay-meter.ts';
import { parseRequest, type ScoreRequest, type SegmentHeader } from './scorer-message.ts';
import { ScoringService, type ScoredSegment } from './scoring-service.ts';
import { SharedEmbedding } from './shared-embedding.ts';
import { calibrateScorer } from './calibrate-scorer.ts';
import { resolveModelSetting } from './model-requirements.ts';
import { openEngine } from '../engine/open-engine.ts';
import { openMotion } from '../motion/open-motion.ts';
import type { ScorerSettings } from './scorer-settings.ts';
import { systemClock } from '../process/system-clock.ts';

/** The duplex pipe that the daemon opened for us (scoring/scorer-process.ts). */
const PIPE_FD = 3;

/** An engine that is not installed is the user's to know, not a crash. */
const openOrTell = (
  settings: ScorerSettings,
  channel: BlockingChannel,
  logger: Logger,
): Engine | undefined => {
  try {
    return openEngine(settings.engine, logger);
  } catch (thrown) {
    const error = toError(thrown);
    const code = error instanceof PatchwatchError ? error.code : 'INTERNAL';
    channel.write({ kind: 'failed', code, message: error.message }, []);
    return undefined;
  }
};

/** Whether batches are worth anything to it; measured after it is ready: the daemon starts its cameras meanwhile. */
const calibrate = async (
  engine: Engine,
  settings: ScorerSettings,
  channel: BlockingChannel,
  logger: Logger,
): Promise<boolean> => {
  try {
    const calibration = await calibrateScorer(engine, settings);
    channel.write({ kind: 'calibrated', ...calibration }, []);
    return calibration.waitMs > 0;
  } catch (error) {
    logger.warn('engine could not be measured', { error: toError(error).message });
    channel.write({ kind: 'calibrated', ...UNMEASURED_POLICY, framesPerSecond: undefined }, []);
    return false;
  }
};

const scoreAll = async (
  service: ScoringService,
  segments: readonly SegmentHeader[],
  pixels: Uint8Array,
): Promise<readonly ScoredSegment[]> => {
  const scored: ScoredSegment[] = [];
  let end = 0;
  for (const segment of segments) {
    const start = end;
    end += segment.pixelBytes;
    scored.push(await service.score(segment, pixels.subarray(start, end)));
  }
  return scored;
};

/** The next batch; undefined when there is none, or none that can be read: then the daemon is told, and we end. */
const nextRequest = (channel: BlockingChannel): ScoreRequest | undefined => {
  try {
    const next = channel.readHeader();
    return next && parseRequest(next.header, next.payloadBytes);
  } catch (thrown) {
    if (!(thrown instanceof PatchwatchError)) throw thrown;
    channel.write({ kind: 'failed', code: thrown.code, message: thrown.message }, []);
    return undefined;
  }
};

/** Until the daemon closes the pipe, which is its way to end this process. */
export const serveScorer = async (settings: ScorerSettings): Promise<void> => {
  const channel = new BlockingChannel(PIPE_FD);
  const log = new PinoLogger(settings.log);
  const logger = log.child({ process: 'scorer' });
  const opened = openOrTell(settings, channel, logger);
  if (opened === undefined) return;
  const engine = new SharedEmbedding(opened);
  const meter = new RelayMeter();
  const service = new ScoringService({
    engine,
    motion: await openMotion(),
    store: new FsModelStore({ folder: settings.modelsDir }),
    sceneMemoryBytes: settings.sceneMemoryBytes,
    // Asked for each model that is loaded: a backbone that is missing now may be imported meanwhile.
    requirements: async (camera) => {
      const setting = settings.cameras[camera];
      if (setting === undefined) return undefined;
      return (await resolveModelSetting(setting, settings.engine)).requirements;
    },
    clock: systemClock,
    logger,
    meter,
  });
  channel.write({ kind: 'ready', engine: engine.name }, []);
  const gainsByBatches = await calibrate(engine, settings, channel, logger);

  let memory = new Uint8Array(0);
  for (;;) {
    const request = nextRequest(channel);
    if (request === undefined) return;
    const startMs = performance.now();
    const { segments, batchId } = request;
    const length = segments.reduce((sum, segment) => sum + segment.pixelBytes, 0);
    if (memory.length < length) memory = new Uint8Array(length);
    const pixels = memory.subarray(0, length);
    if (!channel.readInto(pixels)) return;
    const work = (): Promise<readonly ScoredSegment[]> => scoreAll(service, segments, pixels);
    const scored = gainsByBatches ? await engine.within(pixels, work) : await work();
    const lostCount = log.takeLostCount();
    if (lostCount > 0) meter.add('patchwatch_log_lines_lost_total', {}, lostCount);
    channel.write(
      {
        kind: 'scores',
        batchId,
        outcomes: scored.map((one) => one.header),
        seconds: (performance.now() - startMs) / 1_000,
        samples: meter.drain(),
      },
      scored.flatMap((one) => one.maps ?? []),
    );
  }
};
