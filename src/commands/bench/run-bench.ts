// `bench`: how fast each stage is here, and how many cameras this machine carries, tried rather than extrapolated.
import { PatchwatchError } from '../../core/errors.ts';
import { segmentFrameCount } from '../../ingest/segment-assembler.ts';
import { benchRound, MOST_LATENCY_MS, type RoundResult } from './bench-round.ts';
import { BENCH_FPS, BenchScene } from './bench-scene.ts';
import { benchStages, type StageResult } from './bench-stages.ts';
import { CapacitySearch } from './capacity-search.ts';
import { machineFacts, type MachineFacts } from './machine-facts.ts';
import { BATCH_FRAMES } from '../read-frames.ts';

export type { MachineFacts, RoundResult, StageResult };

/** Shows what a camera costs; the search starts near the number that follows. */
const PROBE_CAMERAS = 2;
const FIRST_SHARE = 0.8;
/** Keeps a run within two minutes; the first is the probe. */
const MAX_TRIES = 6;
const MOST_CAMERAS = 512;
const STAGE_RUNS = 5;

export interface BenchOptions {
  /** Tries this number only, instead of searching. */
  readonly cameras: number | undefined;
  /** How long each try is measured. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** The object that `bench --json` prints (docs/ref/bench.md). */
export interface BenchReport {
  readonly startedAt: string;
  readonly machine: MachineFacts;
  readonly fit: { readonly frames: number; readonly seconds: number };
  readonly stages: readonly StageResult[];
  readonly saturation: Saturation;
}

export interface Saturation {
  readonly fps: number;
  readonly mostLatencyMs: number;
  /** The largest number of cameras that was carried. */
  readonly carriedCameras: number;
  /** The smallest number that was not; null when none failed. */
  readonly refusedCameras: number | null;
  /** Cores that one camera takes, and how many cameras all cores are then enough for. */
  readonly cpuCoresPerCamera: number | null;
  readonly predictedCameras: number | null;
  /** What one more camera adds to the memory of all processes together. */
  readonly rssBytesPerCamera: number | null;
  readonly pssBytesPerCamera: number | null;
  /** In the order in which they were tried. */
  readonly rounds: readonly RoundResult[];
}

/** @throws PatchwatchError FFMPEG_MISSING, INTERRUPTED */
export const runBench = async (options: BenchOptions): Promise<BenchReport> => {
  const { signal, onProgress } = options;
  const startedAt = new Date().toISOString();
  const scene = await BenchScene.create();
  try {
    const fit = await scene.fit(signal, (frameCount) => {
      onProgress(`learning the scene: ${frameCount} frames`);
    });
    const config = await scene.watchedBy(1);
    const machine = await machineFacts(config.ffmpeg.path);
    const [camera] = config.cameras;
    const stages: StageResult[] = [];
    for (const threads of [1, 0]) {
      onProgress(`timing the stages on ${threads === 1 ? 'one thread' : 'all cores'}`);
      stages.push(
        ...(await benchStages({
          model: scene.model,
          ffmpegPath: config.ffmpeg.path,
          runCount: STAGE_RUNS,
          batchFrames: BATCH_FRAMES,
          engine: { ...config.engine, threads },
          segmentFrames: segmentFrameCount(camera?.maxLatencyMs ?? 0, BENCH_FPS),
          signal,
        })),
      );
      throwIfStopped(signal);
    }
    return {
      startedAt,
      machine,
      fit: { frames: fit.model.metadata.trainingFrameCount, seconds: fit.seconds },
      stages,
      saturation: await saturate(options, scene, machine.cores),
    };
  } finally {
    await scene.remove();
  }
};

const throwIfStopped = (signal: AbortSignal): void => {
  if (signal.aborted) throw new PatchwatchError('INTERRUPTED', 'bench was interrupted');
};

const saturate = async (
  { cameras, seconds, signal, onProgress }: BenchOptions,
  scene: BenchScene,
  cores: number,
): Promise<Saturation> => {
  const rounds: RoundResult[] = [];
  const attempt = async (count: number): Promise<RoundResult> => {
    onProgress(`${count} cameras for ${seconds} s`);
    const config = await scene.watchedBy(count);
    const round = await benchRound({ config, seconds, signal });
    rounds.push(round);
    return round;
  };
  const probe = await attempt(Math.min(PROBE_CAMERAS, cameras ?? PROBE_CAMERAS));
  const search = new CapacitySearch(
    cameras === undefined
      ? { first: firstGuess(probe, cores), most: MOST_CAMERAS, maxTries: MAX_TRIES }
      : { first: cameras, most: cameras, maxTries: probe.cameras === cameras ? 1 : 2 },
  );
  search.record(probe.cameras, probe.isCarried);
  for (let count = search.next; count !== undefined; count = search.next) {
    search.record(count, (await attempt(count)).isCarried);
  }
  return {
    fps: BENCH_FPS,
    mostLatencyMs: MOST_LATENCY_MS,
    ...findings(search, rounds, cores),
    rounds,
  };
};

const firstGuess = ({ cameras, cpuCores }: RoundResult, cores: number): number =>
  cpuCores === null || cpuCores === 0
    ? 2 * cameras
    : Math.max(1, Math.floor((FIRST_SHARE * cores * cameras) / cpuCores));

const findings = (
  search: CapacitySearch,
  rounds: readonly RoundResult[],
  cores: number,
): Omit<Saturation, 'fps' | 'mostLatencyMs' | 'rounds'> => {
  // A round in which decoders fell behind says little of what a camera takes.
  const carried = rounds
    .filter(({ cameras, isCarried }) => isCarried && cameras <= search.carried)
    .toSorted((a, b) => a.cameras - b.cameras);
  const least = carried[0];
  const most = carried.at(-1);
  const cpu = most?.cpuCores ?? null;
  const cpuCoresPerCamera = most === undefined || cpu === null ? null : cpu / most.cameras;
  const added = (field: 'rssBytes' | 'pssBytes'): number | null => {
    const from = least?.[field] ?? null;
    const to = most?.[field] ?? null;
    if (from === null || to === null || least === undefined || most === undefined) return null;
    return most.cameras === least.cameras
      ? null
      : Math.round((to - from) / (most.cameras - least.cameras));
  };
  return {
    carriedCameras: search.carried,
    refusedCameras: search.refused ?? null,
    cpuCoresPerCamera,
    predictedCameras: cpuCoresPerCamera === null ? null : Math.floor(cores / cpuCoresPerCamera),
    rssBytesPerCamera: added('rssBytes'),
    pssBytesPerCamera: added('pssBytes'),
  };
};
