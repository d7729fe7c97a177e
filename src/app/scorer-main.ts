// The scoring process: reads segments from the pipe, scores them, writes maps back; ends with the pipe.
import type { Engine } from '../core/ports/engine.ts';
import type { Logger } from '../core/ports/logger.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { PinoLogger } from '../telemetry/pino-logger.ts';
import { BlockingChannel } from '../worker/blocking-channel.ts';
import type { ScoreRequest } from '../worker/scorer-message.ts';
import { ScoringService, type ScoredSegment } from '../worker/scoring-service.ts';
import { calibrateScorer } from './calibrate-scorer.ts';
import { openEngine } from './open-engine.ts';
import { openMotion } from './open-motion.ts';
import type { ScorerSettings } from './scorer-settings.ts';
import { systemClock } from './system-clock.ts';

/** The duplex pipe that the daemon opened for us (worker/scorer-process.ts). */
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

const serve = async (settings: ScorerSettings): Promise<void> => {
  const channel = new BlockingChannel(PIPE_FD);
  const logger = new PinoLogger(settings.log).child({ process: 'scorer' });
  const engine = openOrTell(settings, channel, logger);
  if (engine === undefined) return;
  const service = new ScoringService({
    engine,
    motion: await openMotion(),
    store: new FsModelStore({ folder: settings.modelsDir }),
    requirements: (camera) => settings.requirements[camera],
    clock: systemClock,
    logger,
  });
  channel.write({ kind: 'ready', engine: engine.name }, []);
  // After that: the daemon starts its cameras meanwhile.
  await calibrateScorer(engine, settings).then(
    (calibration) => {
      channel.write({ kind: 'calibrated', ...calibration }, []);
    },
    (error: unknown) => {
      logger.warn('engine could not be measured', { error: toError(error).message });
    },
  );

  let memory = new Uint8Array(0);
  for (;;) {
    const request = channel.readHeader() as ScoreRequest | undefined;
    if (request === undefined) return;
    const startMs = performance.now();
    const scored: ScoredSegment[] = [];
    for (const segment of request.segments) {
      if (memory.length < segment.pixelBytes) memory = new Uint8Array(segment.pixelBytes);
      const pixels = memory.subarray(0, segment.pixelBytes);
      if (!channel.readInto(pixels)) return;
      scored.push(await service.score(segment, pixels));
    }
    channel.write(
      {
        kind: 'scores',
        batchId: request.batchId,
        outcomes: scored.map((one) => one.header),
        seconds: (performance.now() - startMs) / 1_000,
      },
      scored.flatMap((one) => one.maps ?? []),
    );
  }
};

// Stopping is the daemon's decision: it closes the pipe. A Ctrl-C at the terminal reaches us too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
await serve(JSON.parse(process.argv[2] ?? '{}') as ScorerSettings);
process.exit(0);
