// `patchwatch evaluate`: fit on the normal part of a data set, score the test part, print the table.
import { Option, type Command } from 'commander';

import { runBudgetCheck, type BudgetReport } from '../../commands/evaluate/run-budget-check.ts';
import { DATASET_NAMES } from '../../commands/evaluate/open-datasets.ts';
import { runSceneEvaluation } from '../../commands/evaluate/run-scene-evaluation.ts';
import { listenForStop } from '../../process/signals.ts';
import {
  METHOD_NAMES,
  PROFILE_NAMES,
  REDUCTIONS,
  type Reduction,
} from '../../commands/evaluate/open-method.ts';
import {
  runEvaluation,
  type EvaluateOptions,
  type EvaluationReport,
} from '../../commands/evaluate/run-evaluation.ts';
import { ReportWriter } from '../../commands/evaluate/write-evaluation-report.ts';
import { SceneReportWriter } from '../../commands/evaluate/write-scene-report.ts';
import type { EngineSetting } from '../../core/engine-setting.ts';
import { numberWithin, wholeNumber } from '../option-values.ts';
import { printJson } from '../print-json.ts';
import { ProgressLine } from '../progress-line.ts';
import { sceneTable } from '../scene-table.ts';

/** Judged by what is told, not by scores: a data set of its own kind. */
const SCENES = 'scenes';

interface EvaluateFlags {
  readonly dataset: string;
  readonly root: string;
  readonly category?: string;
  readonly method: (typeof METHOD_NAMES)[number];
  readonly seeds: number;
  readonly epochs?: number;
  readonly profile: string;
  readonly backbone: string;
  readonly dimensions?: number;
  readonly reduction: Reduction;
  readonly stages?: string;
  readonly seed: number;
  readonly appearance: boolean;
  readonly change: boolean;
  readonly motion: boolean;
  readonly smoothing?: number;
  readonly shrinkage?: number;
  readonly footage?: 'video' | 'stills';
  readonly engine: EngineSetting['kind'];
  readonly threads: number;
  readonly precision: 'auto' | 'int8' | 'float32';
  readonly trainLimit?: number;
  readonly testLimit?: number;
  readonly checkBudget?: number;
  readonly report?: string;
  readonly json?: boolean;
}

export const addEvaluateCommand = (program: Command): void => {
  const command = program
    .command('evaluate')
    .description('Fit on the normal part of a data set and score its test part.')
    .requiredOption('--dataset <name>', `one of: ${[...DATASET_NAMES, SCENES].join(', ')}`)
    .requiredOption('--root <folder>', 'where the data set is')
    .option('--category <name>', 'of MVTec AD; of scenes, the clips named like it');
  addMethodOptions(command);
  addEngineOptions(command);
  command
    .option('--train-limit <n>', 'use at most this many training frames', wholeNumber(2))
    .option('--test-limit <n>', 'score at most this many test frames', wholeNumber(1))
    .option(
      '--check-budget <fps>',
      'instead: false alerts predicted and seen on each normal clip, fitted on the others; frames per second of the clips',
      numberWithin(0.1, 120),
    )
    .option('--report <folder>', 'write index.html there: curves, traces, telling frames')
    .option('--json', 'print one JSON object')
    .action(evaluate);
};

/** What is compared, and how it learns. */
const addMethodOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--method <name>', 'PaDiM, or what it is compared with')
        .choices([...METHOD_NAMES])
        .default('padim'),
    )
    .addOption(
      new Option('--profile <name>', 'the paper as published, or made for video')
        .choices(PROFILE_NAMES)
        .default('surveillance'),
    )
    .option('--backbone <name>', 'see `patchwatch backbone list`', 'efficientnet-lite0')
    .option('--dimensions <n>', 'channels kept by the reduction', wholeNumber(1))
    .addOption(
      new Option('--reduction <name>', 'padim: how channels are reduced')
        .choices([...REDUCTIONS])
        .default('random'),
    )
    .option('--stages <list>', 'of the backbone: 2, or 1,2 (concatenated), or 1+2 (maps added)')
    .option('--seed <n>', 'of the random reduction', wholeNumber(0), 0)
    .option('--seeds <n>', 'as many seeds from --seed on; the mean is reported', wholeNumber(1), 1)
    .option('--epochs <n>', 'vae: training epochs instead of 100', wholeNumber(1))
    .option('--no-appearance', 'video: without appearance and change')
    .option('--no-change', 'video: without change from frame to frame')
    .option('--no-motion', 'video: without motion')
    .option('--smoothing <w>', 'video: weight of the newest map; 1: none', numberWithin(0.01, 1))
    .option('--shrinkage <k>', 'stills: κ of own covariances', numberWithin(0, 1e9))
    .addOption(
      new Option('--footage <kind>', 'what the frames are taken for').choices(['video', 'stills']),
    );

const addEngineOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--engine <name>', 'what runs the backbone')
        .choices(['onnx', 'tfjs'])
        .default('onnx'),
    )
    .option('--threads <n>', 'of the engine; 0: one per core', wholeNumber(0), 0)
    .addOption(
      new Option('--precision <p>', 'of the backbone; auto: int8 for video, where it comes in it')
        .choices(['auto', 'int8', 'float32'])
        .default('auto'),
    );

const evaluate = async (flags: EvaluateFlags): Promise<void> => {
  if (flags.dataset === SCENES) {
    await evaluateScenes(flags);
    return;
  }
  const progress = new ProgressLine(process.stderr);
  const options: EvaluateOptions = {
    ...methodOptions(flags),
    seedCount: flags.seeds,
    footage: flags.footage,
    trainLimit: flags.trainLimit,
    testLimit: flags.testLimit,
    onProgress: (stage, count) => {
      progress.show(`${stage}: ${count} ${flags.checkBudget === undefined ? 'frames' : 'clips'}`);
    },
  };
  if (flags.checkBudget !== undefined) {
    const report = await runBudgetCheck(options, flags.checkBudget);
    progress.end();
    if (flags.json === true) printJson(report);
    else printBudgets(report);
    return;
  }
  const writer = flags.report === undefined ? undefined : new ReportWriter();
  const report = await runEvaluation({
    ...options,
    ...(writer === undefined ? {} : { observer: writer }),
  });
  progress.end();
  if (writer !== undefined && flags.report !== undefined) {
    const command = ['patchwatch', ...process.argv.slice(2)].join(' ');
    process.stderr.write(`wrote ${await writer.write(flags.report, report, command)}\n`);
  }
  if (flags.json === true) printJson(report);
  else printTable(report);
};

/** What was not given is undefined. */
const methodOptions = (flags: EvaluateFlags) => ({
  ...flags,
  category: flags.category,
  epochs: flags.epochs,
  dimensions: flags.dimensions,
  stages: flags.stages,
  smoothing: flags.smoothing,
  shrinkage: flags.shrinkage,
});

const evaluateScenes = async (flags: EvaluateFlags): Promise<void> => {
  const stop = listenForStop(() => undefined);
  const progress = new ProgressLine(process.stderr);
  const writer = flags.report === undefined ? undefined : new SceneReportWriter();
  const report = await runSceneEvaluation({
    ...methodOptions(flags),
    signal: stop.signal,
    ...(writer === undefined ? {} : { observer: writer }),
    onProgress: (clipId, frameCount) => {
      progress.show(`${clipId}: ${frameCount} frames`);
    },
  }).finally(() => {
    progress.end();
    stop.dispose();
  });
  if (writer !== undefined && flags.report !== undefined) {
    const command = ['patchwatch', ...process.argv.slice(2)].join(' ');
    process.stderr.write(`wrote ${await writer.write(flags.report, report, command)}\n`);
  }
  if (flags.json === true) printJson(report);
  else process.stdout.write(sceneTable(report));
};

const printBudgets = ({ budgets }: BudgetReport): void => {
  process.stdout.write('alerts a day   predicted   observed\n');
  for (const { alertsPerDay, predicted, observed } of budgets) {
    const cells = [alertsPerDay.toFixed(0).padStart(12), predicted.toFixed(1).padStart(12)];
    process.stdout.write(`${cells.join('')}${String(observed).padStart(11)}\n`);
  }
};

const printTable = (report: EvaluationReport): void => {
  const { runs = [], ...figures } = report;
  const rows: readonly [string, string | number | null][] = Object.entries(figures);
  for (const [name, value] of rows) {
    const shown = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : value;
    process.stdout.write(`${name.padEnd(22)}${shown === null ? '–' : String(shown)}\n`);
  }
  for (const { dataset, seed, frameAuroc, pixelAuroc, proScore } of runs) {
    const shown = [frameAuroc, pixelAuroc, proScore].map((value) => value?.toFixed(4) ?? '–');
    process.stdout.write(`${dataset}, seed ${seed}: ${shown.join('  ')}\n`);
  }
};
