// `patchwatch fit`: learn a scene of a camera from normal footage.
import { InvalidArgumentError, type Command } from 'commander';

import { fitScene, type FitReport } from '../../commands/fit/fit-scene-command.ts';
import { listenForStop } from '../../process/signals.ts';
import { parseDuration } from '../../config/duration.ts';
import { calibrationText, coverageText } from '../calibration-text.ts';
import { PatchwatchError } from '../../core/errors.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';
import { numberWithin } from '../option-values.ts';
import { printJson } from '../print-json.ts';
import { FitProgressText } from '../fit-progress-text.ts';
import { ProgressLine } from '../progress-line.ts';

interface FitFlags {
  readonly config: string;
  readonly camera: string;
  readonly scene?: string;
  readonly from?: string;
  readonly duration?: number;
  readonly extend?: boolean;
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
    .option('--extend', 'go on from the scene’s earlier fit instead of starting anew')
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
        signal: stop.signal,
        onProgress: (state) => {
          progress.show(text.describe(state));
        },
      }).finally(() => {
        progress.end();
        stop.dispose();
      });
      if (flags.json === true) printJson(jsonOf(report));
      else printReport(report);
    });
};

const extensionOf = ({ extend, forget = 0 }: FitFlags): { forget: number } | undefined => {
  if (extend === true) return { forget };
  if (forget === 0) return undefined;
  throw new PatchwatchError('USAGE', '--forget needs --extend: a new fit has nothing to forget');
};

const jsonOf = ({ model, version, sizeBytes, path, seconds }: FitReport): object => ({
  ...model.metadata,
  version,
  sizeBytes,
  path,
  seconds,
});

const printReport = ({ model, sizeBytes, path, seconds }: FitReport): void => {
  const { metadata } = model;
  const lines = [
    `camera ${metadata.cameraId}, scene ${metadata.sceneId}: learnt from ${metadata.trainingFrameCount} frames, ${metadata.heldOutFrameCount} held out, in ${seconds.toFixed(1)} s`,
    ...calibrationText(metadata),
    coverageText(metadata),
    `model ${path} (${(sizeBytes / 1e6).toFixed(1)} MB)`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};
