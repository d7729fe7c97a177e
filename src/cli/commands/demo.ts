// `patchwatch demo`: what `npm start` runs.
import type { Command } from 'commander';

import { openLossyPrint } from '../../commands/demo/lossy-print.ts';
import { LEARNT_MS, runDemo } from '../../commands/demo/run-demo.ts';
import { listenForStop } from '../../process/signals.ts';
import type { Alert } from '../../core/alert.ts';
import { promiseText, seenText } from '../fit-report-text.ts';
import { wholeNumber } from '../option-values.ts';
import { ProgressLine } from '../progress-line.ts';

/** The clip has ten frames a second. */
const FRAME_MS = 100;

const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

const describe = (alert: Alert): string => {
  const frame = Math.round(alert.mediaTimeMs / FRAME_MS);
  const { peak, region } = alert;
  const when = new Date(alert.atMs).toTimeString().slice(0, 8);
  const size = `${percent(region.width)} × ${percent(region.height)}`;
  return (
    `${when}  alert ${alert.phase.padEnd(5)}  frame ${String(frame).padStart(3)}  ` +
    `score ${alert.peakScore.toFixed(1)} (threshold ${alert.threshold.toFixed(1)})  ` +
    `peak at x ${percent(peak.x)}, y ${percent(peak.y)}  region ${size}`
  );
};

export const addDemoCommand = (program: Command): void => {
  program
    .command('demo')
    .description(
      'Learn a shipped clip, watch the rest of it, show alerts here and on the live page.',
    )
    .option('--once', 'end after one pass instead of starting again')
    .option('--port <n>', 'port of the live page', wholeNumber(0))
    .action(async (flags: { once?: boolean; port?: number }) => {
      const say = openLossyPrint();
      const stop = listenForStop(() => {
        process.stderr.write('\nstopping …\n');
      });
      const progress = new ProgressLine(process.stderr);
      const learntFrames = LEARNT_MS / FRAME_MS;
      const summary = await runDemo({
        once: flags.once === true,
        port: flags.port,
        signal: stop.signal,
        onFitProgress: ({ frameCount }) => {
          progress.show(`learning the scene: ${frameCount} of ${learntFrames} frames`);
        },
        onFitted: (model, isNew) => {
          progress.end();
          say(
            isNew
              ? `learnt the scene from frames 0–${learntFrames - 1}`
              : 'the scene was learnt before',
          );
          say(seenText(model));
          say(promiseText(model));
        },
        onWatching: (url) => {
          say(`watching frames ${learntFrames}–794; live page: ${url}`);
        },
        onAlert: (alert) => {
          if (alert.phase !== 'update') say(describe(alert));
        },
      });
      stop.dispose();
      say(
        `${summary.scoredFrames} frames scored, ${summary.droppedFrames} dropped, ${summary.alertCount} alert(s); ` +
          `largest score ${summary.largestScore.toFixed(1)}, threshold ${summary.threshold.toFixed(1)}`,
      );
    });
};
