// Log lines that were lost, as a metric: the log itself can tell of them only when it is well again.
import type { PromMeter } from './prom-meter.ts';

export const tellLostLines = (meter: PromMeter, takeLostLogLines: () => number): void => {
  meter.beforeScrape(() => {
    meter.add('patchwatch_log_lines_lost_total', {}, takeLostLogLines());
  });
};
