// `patchwatch fit`: learn a scene of a camera from normal footage.
import { InvalidArgumentError, type Command } from 'commander';

import { fitScene, type FitReport } from '../../commands/fit/fit-scene-command.ts';
import { listenForStop } from '../../process/signals.ts';
import { parseDuration } from '../../config/duration.ts';
import type { Span } from '../../commands/fit/play-footage.ts';
import { PatchwatchError } from '../../core/errors.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';
import { numberWithin, timeSpan } from '../option-values.ts';
import { printJson } from '../print-json.ts';
import { FitProgressText } from '../fit-progress-text.ts';
import { missingText, promiseText, seenText } from '../fit-report-text.ts';
import { ProgressLine } from '../progress-line.ts';
import { wouldAlertLine, wouldAlertText } from '../would-alert-text.ts';

interface FitFlags {
  readonly config: string;
  readonly camera: string;
  readonly scene?: string;
  readonly from?: string;
  readonly duration?: number;
  readonly extend?: boolean;
  readonly again?: boolean;
  readonly leaveOut?: readonly Span[];
  readonly forget?: number;
  readonly json?: boolean;
}

const duration = (text: string): number => {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  throw new InvalidArgumentError('Expected a duration such as 90s, 30m or 2h.');
};

export const addFitCommand = (program: Command): void => {
  program
    .command('fit')
    .description(
      'Learn a scene of a camera from normal footage: its stream, a file or a folder of frames.',
    )
    .requiredOption('--camera <id>', 'the camera')
    .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
    .option('--scene <id>', 'the scene; needed when the camera has several')
    .option('--from <footage>', 'a video or a folder of frames instead of the camera’s stream')
    .option(
      '--duration <time>',
      'how much footage to learn from, such as 30m; a live stream needs it',
      duration,
    )
    .option(
      '--leave-out <from-to>',
      'of recorded footage: a stretch not to learn, such as 1:20-1:45 from its start; may be repeated',
      (text: string, spans: readonly Span[] | undefined) => [...(spans ?? []), timeSpan(text)],
    )
    .option('--extend', 'go on from the scene’s earlier fit instead of starting anew')
    .option('--again', 'with --extend: in place of the last --extend')
    .option(
      '--forget <share>',
      'with --extend: share of what was learnt to forget, 0 to 0.99',
      numberWithin(0, 0.99),
    )
    .option('--json', 'print one JSON object')
    .action(async (flags: FitFlags) => {
      const stop = listenForStop(() => undefined);
      const progress = new ProgressLine(process.stderr);
      const text = new FitProgressText(flags.duration);
      const report = await fitScene({
        configPath: flags.config,
        camera: flags.camera,
        scene: flags.scene,
        from: flags.from,
        durationMs: flags.duration,
        extend: extensionOf(flags),
        leaveOut: flags.leaveOut,
        signal: stop.signal,
        onProgress: (state) => {
          progress.show(text.describe(state));
        },
        onWouldAlert: (alert) => {
          progress.end();
          process.stderr.write(
            `the model before would have raised an alert: ${wouldAlertLine(alert)}\n`,
          );
        },
      }).finally(() => {
        progress.end();
        stop.dispose();
      });
      if (flags.json === true) printJson(jsonOf(report));
      else printReport(report, flags);
    });
};

const extensionOf = ({
  extend,
  again = false,
  forget = 0,
}: FitFlags): { forget: number; again: boolean } | undefined => {
  if (extend === true) return { forget, again };
  if (again) throw new PatchwatchError('USAGE', '--again needs --extend: a new fit replaces all');
  if (forget === 0) return undefined;
  throw new PatchwatchError('USAGE', '--forget needs --extend: a new fit has nothing to forget');
};

const jsonOf = ({ model, version, sizeBytes, path, seconds, wouldAlert }: FitReport): object => ({
  ...model.metadata,
  version,
  sizeBytes,
  path,
  seconds,
  ...(wouldAlert === undefined ? {} : { wouldAlert }),
});

const printReport = (
  { model, sizeBytes, path, seconds, wouldAlert }: FitReport,
  { from }: FitFlags,
): void => {
  const { metadata } = model;
  const lines = [
    `camera ${metadata.cameraId}, scene ${metadata.sceneId}: learnt in ${seconds.toFixed(1)} s`,
    ...wouldAlertText(wouldAlert, from !== undefined),
    seenText(metadata),
    promiseText(metadata),
    missingText(metadata),
    `model ${path} (${(sizeBytes / 1e6).toFixed(1)} MB)`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};
