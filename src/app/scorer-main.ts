// The scoring process: reads segments from the pipe, scores them, writes maps back; ends with the pipe.
import { FsModelStore } from '../store/fs-model-store.ts';
import { PinoLogger } from '../telemetry/pino-logger.ts';
import { BlockingChannel } from '../worker/blocking-channel.ts';
import { RelayMeter } from '../worker/relay-meter.ts';
import type { ScoreRequest } from '../worker/scorer-message.ts';
import { ScoringService, type ScoredSegment } from '../worker/scoring-service.ts';
import { openEngine } from './open-engine.ts';
import { openMotion } from './open-motion.ts';
import type { ScorerSettings } from './scorer-settings.ts';
import { systemClock } from './system-clock.ts';

/** The duplex pipe that the daemon opened for us (worker/scorer-process.ts). */
const PIPE_FD = 3;

const serve = async (settings: ScorerSettings): Promise<void> => {
  const channel = new BlockingChannel(PIPE_FD);
  const engine = openEngine(settings.engineThreads);
  const meter = new RelayMeter();
  const service = new ScoringService({
    engine,
    motion: await openMotion(),
    store: new FsModelStore({ folder: settings.modelsDir }),
    sceneMemoryBytes: settings.sceneMemoryBytes,
    requirements: (camera) => settings.requirements[camera],
    clock: systemClock,
    logger: new PinoLogger(settings.log).child({ process: 'scorer' }),
    meter,
  });
  channel.write({ kind: 'ready', engine: engine.name }, []);

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
        samples: meter.drain(),
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
