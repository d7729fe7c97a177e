// What `bench` found, for reading.
import type {
  BenchReport,
  RoundResult,
  Saturation,
  StageResult,
} from '../commands/bench/run-bench.ts';

const STAGE_NAMES: Readonly<Record<StageResult['stage'], string>> = {
  decode: 'decode',
  embed: 'embed',
  changeAndDistances: 'change, distances',
  motion: 'motion',
  map: 'map',
  scoring: 'scoring, whole',
  scoringOfSegment: 'scoring, a segment',
};

const megabytes = (bytes: number | null): string =>
  bytes === null ? '-' : `${(bytes / 1e6).toFixed(0)} MB`;

const milliseconds = (value: number | null): string =>
  value === null ? '-' : `${value.toFixed(0)} ms`;

/** Columns as wide as their widest cell; the first flush left, the others right. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
};

const stageRows = (stages: readonly StageResult[]): string[][] => {
  const single = stages.filter(({ threads }) => threads === 1);
  return [
    ['stage', 'frames a run', '1 thread', '', 'all cores', ''],
    ...single.map(({ stage, framesPerRun, msPerFrame, framesPerSecond }) => {
      const all = stages.find((other) => other.stage === stage && other.threads === 0);
      return [
        STAGE_NAMES[stage],
        String(framesPerRun),
        `${msPerFrame.toPrecision(3)} ms`,
        `${framesPerSecond.toFixed(0)}/s`,
        `${all?.msPerFrame.toPrecision(3) ?? '-'} ms`,
        `${all?.framesPerSecond.toFixed(0) ?? '-'}/s`,
      ];
    }),
  ];
};

const verdict = ({ isCarried, limits }: RoundResult): string =>
  isCarried ? 'carried' : `not carried: ${limits.join(', ')}`;

const roundRows = ({ rounds }: Saturation): string[][] => [
  ['cameras', 'captured', 'dropped', 'p50', 'p95', 'cores', 'memory (PSS)', ''],
  ...rounds.map((round) => [
    String(round.cameras),
    `${round.capturedFrames} of ${round.expectedFrames}`,
    String(round.droppedFrames),
    milliseconds(round.latencyP50Ms),
    milliseconds(round.latencyP95Ms),
    round.cpuCores?.toFixed(2) ?? '-',
    megabytes(round.pssBytes),
    verdict(round),
  ]),
];

const conclusion = ({
  fps,
  carriedCameras,
  refusedCameras,
  cpuCoresPerCamera,
  predictedCameras,
  pssBytesPerCamera,
}: Saturation): string[] => [
  `this machine carries ${carriedCameras} cameras at ${fps} frames/s` +
    (refusedCameras === null ? '; more were not tried' : `; ${refusedCameras} were too many`),
  ...(cpuCoresPerCamera === null
    ? []
    : [
        `a camera takes ${cpuCoresPerCamera.toFixed(3)} of a core` +
          (pssBytesPerCamera === null ? '' : ` and ${megabytes(pssBytesPerCamera)}`) +
          `; by processor time alone ${predictedCameras ?? 0} would fit`,
      ]),
];

export const benchText = ({ machine, fit, stages, saturation }: BenchReport): string[] => {
  const { versions } = machine;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 1e9).toFixed(1)} GB, ${machine.system}`,
    `patchwatch ${versions.patchwatch}, Node ${versions.node}, onnxruntime ${versions.onnxruntime}, ffmpeg ${versions.ffmpeg}`,
    `fit: ${fit.frames} frames in ${fit.seconds.toFixed(1)} s, ${(fit.frames / fit.seconds).toFixed(0)} frames/s`,
    '',
    ...table(stageRows(stages)),
    '',
    ...table(roundRows(saturation)),
    '',
    ...conclusion(saturation),
  ];
};
