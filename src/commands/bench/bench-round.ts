// One try of the saturation test: so many cameras, played in real time through the whole daemon, for so long.
import type { Config } from '../../config/config.ts';
import { PatchwatchError } from '../../core/errors.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import { BENCH_FPS } from './bench-scene.ts';
import { Daemon } from '../../app/daemon.ts';
import { treeUsage } from './process-tree.ts';
import { systemClock } from '../../process/system-clock.ts';

/** What "carried" means: no drop, and 95 of 100 frames scored within this. */
export const MOST_LATENCY_MS = 1_000;
/** Cameras whose decoders fall behind drop nothing: they deliver less. */
const LEAST_CAPTURED_SHARE = 0.95;
/** Starting is not what is measured: models, decoders and a first backlog come at once. */
const MOST_START_MS = 30_000;
const SETTLE_MS = 2_000;
const POLL_MS = 100;

export interface RoundResult {
  readonly cameras: number;
  readonly seconds: number;
  readonly expectedFrames: number;
  readonly capturedFrames: number;
  readonly scoredFrames: number;
  readonly droppedFrames: number;
  /** From capture to score; null when nothing was scored. */
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  /** Of the daemon, its scorer and its decoders together; null where the system does not tell. */
  readonly cpuCores: number | null;
  readonly rssBytes: number | null;
  readonly pssBytes: number | null;
  readonly isCarried: boolean;
  /** Why not. */
  readonly limits: readonly ('behind' | 'dropped' | 'latency')[];
}

export interface RoundOptions {
  readonly config: Config;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

interface Totals {
  readonly captured: number;
  readonly dropped: number;
}

/** @throws PatchwatchError INTERRUPTED, and what keeps a daemon from starting */
export const benchRound = async ({
  config,
  seconds,
  signal,
}: RoundOptions): Promise<RoundResult> => {
  const latenciesMs: number[] = [];
  let isMeasuring = false;
  const daemon = new Daemon({
    config,
    logger: silentLogger,
    onFrame: ({ stamp }) => {
      if (isMeasuring) latenciesMs.push(systemClock.nowMs() - stamp.capturedAtMs);
    },
  });
  await daemon.start();
  try {
    const rest = (ms: number): Promise<void> => sleepOrThrow(ms, signal);
    await untilAllDeliver(daemon, config.cameras.length, rest);
    await rest(SETTLE_MS);
    const before = totalsOf(daemon);
    const usedBefore = treeUsage(process.pid);
    const startMs = systemClock.monotonicMs();
    isMeasuring = true;
    await rest(seconds * 1_000);
    isMeasuring = false;
    const measuredSeconds = (systemClock.monotonicMs() - startMs) / 1_000;
    const after = totalsOf(daemon);
    const used = treeUsage(process.pid);
    const counts = {
      cameras: config.cameras.length,
      seconds: measuredSeconds,
      expectedFrames: Math.round(config.cameras.length * BENCH_FPS * measuredSeconds),
      capturedFrames: after.captured - before.captured,
      scoredFrames: latenciesMs.length,
      droppedFrames: after.dropped - before.dropped,
      latencyP50Ms: percentile(latenciesMs, 0.5),
      latencyP95Ms: percentile(latenciesMs, 0.95),
    };
    const limits = limitsOf(counts);
    return {
      ...counts,
      cpuCores:
        used === undefined || usedBefore === undefined
          ? null
          : (used.cpuSeconds - usedBefore.cpuSeconds) / measuredSeconds,
      rssBytes: used?.rssBytes ?? null,
      pssBytes: used?.pssBytes ?? null,
      isCarried: limits.length === 0,
      limits,
    };
  } finally {
    await daemon.stop();
  }
};

const sleepOrThrow = async (ms: number, signal: AbortSignal): Promise<void> => {
  await systemClock.sleep(ms, signal).catch((cause: unknown) => {
    throw new PatchwatchError('INTERRUPTED', 'bench was interrupted', { cause });
  });
};

/** Until every camera has been scored once, or for as long as a start may take: the figures then tell. */
const untilAllDeliver = async (
  daemon: Daemon,
  cameraCount: number,
  rest: (ms: number) => Promise<void>,
): Promise<void> => {
  const endMs = systemClock.monotonicMs() + MOST_START_MS;
  const scoredCount = (): number =>
    daemon.ledger.cameras().filter((camera) => daemon.ledger.balance(camera).scored > 0).length;
  while (scoredCount() < cameraCount && systemClock.monotonicMs() < endMs) await rest(POLL_MS);
};

const totalsOf = ({ ledger }: Daemon): Totals => {
  const balances = ledger.cameras().map((camera) => ledger.balance(camera));
  return {
    captured: balances.reduce((sum, { captured }) => sum + captured, 0),
    dropped: balances.reduce(
      (sum, { droppedTotal, dropped }) => sum + droppedTotal - (dropped.unchanged ?? 0),
      0,
    ),
  };
};

/** The smallest value that so large a share does not exceed. */
const percentile = (values: readonly number[], share: number): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
};

const limitsOf = ({
  expectedFrames,
  capturedFrames,
  droppedFrames,
  latencyP95Ms,
}: Pick<
  RoundResult,
  'expectedFrames' | 'capturedFrames' | 'droppedFrames' | 'latencyP95Ms'
>): RoundResult['limits'] => [
  ...(capturedFrames < LEAST_CAPTURED_SHARE * expectedFrames ? (['behind'] as const) : []),
  ...(droppedFrames > 0 ? (['dropped'] as const) : []),
  ...((latencyP95Ms ?? Infinity) > MOST_LATENCY_MS ? (['latency'] as const) : []),
];
