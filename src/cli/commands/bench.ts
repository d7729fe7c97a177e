// `patchwatch bench`: how fast each stage is here, and how many cameras this machine carries.
import type { Command } from 'commander';

import { runBench } from '../../commands/bench/run-bench.ts';
import { listenForStop } from '../../process/signals.ts';
import { benchText } from '../bench-text.ts';
import { numberWithin, wholeNumber } from '../option-values.ts';
import { printJson } from '../print-json.ts';
import { ProgressLine } from '../progress-line.ts';

interface BenchFlags {
  readonly cameras?: number;
  readonly seconds: number;
  readonly json?: boolean;
}

export const addBenchCommand = (program: Command): void => {
  program
    .command('bench')
    .description(
      'Time each stage, then find how many cameras this machine carries without a drop and within a second.',
    )
    .option('--cameras <n>', 'try this many only, instead of searching', wholeNumber(1))
    .option('--seconds <s>', 'measure each try for so long', numberWithin(1, 3_600), 8)
    .option('--json', 'print one JSON object')
    .action(async (flags: BenchFlags) => {
      const stop = listenForStop(() => undefined);
      const progress = new ProgressLine(process.stderr);
      const report = await runBench({
        cameras: flags.cameras,
        seconds: flags.seconds,
        signal: stop.signal,
        onProgress: (text) => {
          progress.show(text);
        },
      }).finally(() => {
        progress.end();
        stop.dispose();
      });
      if (flags.json === true) printJson(report);
      else process.stdout.write(`${benchText(report).join('\n')}\n`);
    });
};
