import { silentLogger } from '../../src/core/ports/logger.ts';
import { silentMeter } from '../../src/core/ports/meter.ts';
import { FileEventLog } from '../../src/events/file-event-log.ts';
import { SimClock } from '../support/sim-clock.ts';
import { tempDir } from '../support/temp-dir.ts';
import { eventLogSuite } from './event-log-suite.ts';

eventLogSuite('FileEventLog', async () => {
  const dir = await tempDir();
  const logs: FileEventLog[] = [];
  return {
    open: async () => {
      const log = new FileEventLog({
        folder: dir.at('events'),
        clock: new SimClock(),
        logger: silentLogger,
        meter: silentMeter,
      });
      await log.open();
      logs.push(log);
      return log;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await dir[Symbol.asyncDispose]();
    },
  };
});
