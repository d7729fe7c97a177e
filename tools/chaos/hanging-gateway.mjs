// The gateway with one consumer of events more, which hangs over the first that it is told. Runs as
// `patchwatch run --role gateway` does.
//   node hanging-gateway.mjs run -c FILE --role gateway
import { RedisDaemon } from '../../dist/app/redis-daemon.js';
import { loadConfig } from '../../dist/config/load-config.js';
import { untilAborted } from '../../dist/core/until-aborted.js';
import { PinoLogger } from '../../dist/telemetry/pino-logger.js';

const stop = new AbortController();
process.on('SIGTERM', () => {
  stop.abort();
});
const config = await loadConfig(process.argv[process.argv.indexOf('-c') + 1] ?? '', process.env);
const logger = new PinoLogger(config.log);
const daemon = new RedisDaemon({
  config,
  captured: [],
  role: 'gateway',
  metricsPort: undefined,
  consumers: [
    {
      name: 'hanging',
      isDurable: true,
      consume: (entries, signal) => {
        logger.info('a consumer hangs', { events: entries.length });
        return signal.aborted ? undefined : new Promise(() => undefined);
      },
    },
  ],
  logger,
  takeLostLogLines: () => logger.takeLostCount(),
});
await daemon.start(stop.signal);
await untilAborted(stop.signal);
await daemon.stop();
process.exit(0);
