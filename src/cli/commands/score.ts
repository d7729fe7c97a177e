// `patchwatch score`: what a recording would have raised.
import type { Command } from 'commander';

import { scoreRecording, type RecordingReport } from '../../commands/score/score-recording.ts';
import { listenForStop } from '../../process/signals.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';
import { printJson } from '../print-json.ts';
import { ProgressLine } from '../progress-line.ts';

interface ScoreFlags {
  readonly config: string;
  readonly camera: string;
  readonly scene?: string;
  readonly from: string;
  readonly out?: string;
  readonly json?: boolean;
}

export const addScoreCommand = (program: Command): void => {
  program
    .command('score')
    .description(
      'Score recorded footage: the alerts it would have raised, scores, an overlay video.',
    )
    .requiredOption('--camera <id>', 'the camera')
    .requiredOption('--from <footage>', 'a video or a folder of frames')
    .option('-c, --config <file>', 'configuration', DEFAULT_CONFIG)
    .option('--scene <id>', 'the scene; needed when the camera has several')
    .option('--out <folder>', 'write scores.csv, alerts.json and overlay.mp4 there')
    .option('--json', 'print one JSON object')
    .action(async (flags: ScoreFlags) => {
      const stop = listenForStop(() => undefined);
      const progress = new ProgressLine(process.stderr);
      const report = await scoreRecording({
        configPath: flags.config,
        camera: flags.camera,
        scene: flags.scene,
        from: flags.from,
        outDir: flags.out,
        signal: stop.signal,
        onProgress: (frameCount) => {
          progress.show(`${frameCount} frames`);
        },
      }).finally(() => {
        progress.end();
        stop.dispose();
      });
      if (flags.json === true) printJson(report);
      else printReport(report);
    });
};

const clock = (seconds: number): string => {
  const whole = Math.floor(seconds / 60);
  const left = (seconds - whole * 60).toFixed(1).padStart(4, '0');
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}:${left}`;
};

const percent = (fraction: number): string => `${(fraction * 100).toFixed(0)} %`;

const printReport = ({
  camera,
  scene,
  frames,
  threshold,
  alerts,
  files,
}: RecordingReport): void => {
  const lines = [
    ...alerts.map(({ startSeconds, endSeconds, peakScore, region }) => {
      const place = `x ${percent(region.x)}–${percent(region.x + region.width)}, y ${percent(region.y)}–${percent(region.y + region.height)}`;
      return `${clock(startSeconds)}  for ${(endSeconds - startSeconds).toFixed(1)} s  score ${peakScore.toFixed(1)} (threshold ${threshold.toFixed(1)})  at ${place}`;
    }),
    `camera ${camera}, scene ${scene}: ${frames} frames, ${alerts.length} alert(s)`,
    ...files.map((file) => `wrote ${file}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};
