// How long each stage of a frame's way takes, alone on the machine: decoding, embedding, change and distances, motion,
// maps, and scoring as a whole.
import { FfmpegBinary } from '../../capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource } from '../../capture/ffmpeg-source.ts';
import { FRAME_BYTES } from '../../core/frame.ts';
import type { EngineSetting } from '../../core/engine-setting.ts';
import type { Engine } from '../../core/ports/engine.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { MotionEstimator } from '../../core/ports/motion-estimator.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import { embeddingPlanOf } from '../../padim/embedding-plan.ts';
import { mapOperator } from '../../padim/maths/map-operator.ts';
import { profileNamed } from '../../padim/profile.ts';
import { SceneScorer } from '../../padim/scene-scorer.ts';
import { BENCH_CLIP, BENCH_FPS } from './bench-scene.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { openMotion } from '../../motion/open-motion.ts';
import { systemClock } from '../../process/system-clock.ts';

export const STAGES = [
  'decode',
  'embed',
  'changeAndDistances',
  'motion',
  'map',
  'scoring',
  'scoringOfSegment',
] as const;

export interface StageResult {
  readonly stage: (typeof STAGES)[number];
  /** 0: one per core. */
  readonly threads: number;
  readonly framesPerRun: number;
  /** Medians over the runs. */
  readonly msPerFrame: number;
  readonly framesPerSecond: number;
}

export interface BenchStagesOptions {
  readonly model: SceneModel;
  readonly ffmpegPath: string;
  readonly runCount: number;
  /** Frames of a batch, and of the segments that one camera sends. */
  readonly batchFrames: number;
  readonly segmentFrames: number;
  readonly engine: EngineSetting;
  readonly signal: AbortSignal;
}

const DECODED_FRAMES = 150;

/** One entry a stage, in the order of STAGES. */
export const benchStages = async (options: BenchStagesOptions): Promise<StageResult[]> => {
  const decodeMs: number[] = [];
  let frames: Uint8Array = new Uint8Array(0);
  for (let run = 0; run < Math.min(3, options.runCount) && !options.signal.aborted; run++) {
    const decoded = await decode(options);
    decodeMs.push(decoded.ms);
    frames = decoded.frames;
  }
  const engine = openEngine(options.engine, silentLogger);
  try {
    const work = await scoringWork(options, engine, await openMotion(), frames);
    const results = [resultOf('decode', options, DECODED_FRAMES, decodeMs)];
    for (const { stage, frameCount, run } of work) {
      const runsMs = await timeRuns(run, options);
      results.push(resultOf(stage, options, frameCount, runsMs));
    }
    return results;
  } finally {
    await engine.close();
  }
};

interface Work {
  readonly stage: StageResult['stage'];
  readonly frameCount: number;
  readonly run: () => Promise<unknown>;
}

const scoringWork = async (
  { model, batchFrames: count, segmentFrames }: BenchStagesOptions,
  engine: Engine,
  motion: MotionEstimator,
  pixels: Uint8Array,
): Promise<Work[]> => {
  const { gaussians } = model;
  const plan = embeddingPlanOf(model);
  const profile = profileNamed(model.metadata.profile);
  const scorer = new SceneScorer({ engine, motion, profile, plan, gaussians });
  const operator = mapOperator(plan.grid, profile.map.side, profile.map.sigma);
  const frames = pixels.subarray(FRAME_BYTES);
  const flow = new Float32Array(count * motion.grid ** 2 * motion.channelCount);
  // Stages that follow others work on what these left behind; embedding again leaves the same.
  const embedding = await engine.embed(plan, frames, count);
  const before = embedding.values.slice(0, embedding.patchCount * embedding.dimensions);
  const appended = gaussians.hasChange ? await engine.appendChange(embedding, before) : embedding;
  const distances = (await engine.distances(appended, gaussians.appearance)).slice();
  const run = (frameCount: number) => () => scorer.score({ pixels, frameCount, context: 'given' });
  return [
    { stage: 'embed', frameCount: count, run: () => engine.embed(plan, frames, count) },
    {
      stage: 'changeAndDistances',
      frameCount: count,
      run: async () =>
        engine.distances(
          gaussians.hasChange ? await engine.appendChange(embedding, before) : embedding,
          gaussians.appearance,
        ),
    },
    {
      stage: 'motion',
      frameCount: count,
      run: async () => {
        await motion.estimate(pixels, count, flow);
      },
    },
    {
      stage: 'map',
      frameCount: count,
      run: () => engine.resizeMaps(distances, plan.grid, operator, profile.map.side),
    },
    { stage: 'scoring', frameCount: count, run: run(count) },
    { stage: 'scoringOfSegment', frameCount: segmentFrames, run: run(segmentFrames) },
  ];
};

/** The first run of each kind is not counted: it opens sessions and takes memory. */
const timeRuns = async (
  run: () => Promise<unknown>,
  { runCount, signal }: BenchStagesOptions,
): Promise<number[]> => {
  await run();
  const runsMs: number[] = [];
  for (let index = 0; index < runCount && !signal.aborted; index++) {
    const startMs = performance.now();
    await run();
    runsMs.push(performance.now() - startMs);
  }
  return runsMs;
};

/** Decodes the clip as fast as it goes, from its first frame on, and keeps the frames that scoring needs. */
const decode = async ({
  ffmpegPath,
  engine: { threads },
  batchFrames,
  signal,
}: BenchStagesOptions): Promise<{ readonly ms: number; readonly frames: Uint8Array }> => {
  const source = new FfmpegSource({
    url: BENCH_CLIP,
    ffmpeg: new FfmpegBinary({ path: ffmpegPath }),
    fps: BENCH_FPS,
    threadCount: threads,
    clock: systemClock,
    logger: silentLogger,
  });
  const enough = new AbortController();
  const kept = new Uint8Array((1 + batchFrames) * FRAME_BYTES);
  const spare = new Uint8Array(FRAME_BYTES);
  let frameCount = 0;
  let firstMs = 0;
  let lastMs = 0;
  const place = (): Uint8Array =>
    frameCount <= batchFrames
      ? kept.subarray(frameCount * FRAME_BYTES, (frameCount + 1) * FRAME_BYTES)
      : spare;
  const sink = {
    reserve: place,
    commit: (): void => {
      frameCount += 1;
      lastMs = performance.now();
      if (frameCount === 1) firstMs = lastMs;
      if (frameCount > DECODED_FRAMES) enough.abort();
    },
  };
  await source.play(sink, AbortSignal.any([signal, enough.signal]));
  return { ms: ((lastMs - firstMs) / Math.max(frameCount - 1, 1)) * DECODED_FRAMES, frames: kept };
};

const resultOf = (
  stage: StageResult['stage'],
  { engine: { threads } }: BenchStagesOptions,
  framesPerRun: number,
  runsMs: readonly number[],
): StageResult => {
  const median = runsMs.toSorted((a, b) => a - b)[Math.floor(runsMs.length / 2)] ?? 0;
  const msPerFrame = median / framesPerRun;
  return { stage, threads, framesPerRun, msPerFrame, framesPerSecond: 1_000 / msPerFrame };
};
