// Thousands of scenes on one worker: its memory stays within the bound, and every segment is scored against its own
// scene's model, however often it was given up and read again.
import { link, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { systemClock } from '../../../src/process/system-clock.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import type { ModelRequirements, SceneModel } from '../../../src/core/ports/model-store.ts';
import { FsModelStore } from '../../../src/store/fs-model-store.ts';
import { RelayMeter } from '../../../src/scoring/relay-meter.ts';
import { SceneJudge } from '../../../src/scoring/scene-judge.ts';
import { ScoringService } from '../../../src/scoring/scoring-service.ts';
import { ReferenceEngine } from '../../support/reference-engine.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import { sceneModel } from '../../unit/store/scene-models.ts';

const SCENE_COUNT = 2_000;
/** All once, and a quarter of them again. */
const VISIT_COUNT = 1.25 * SCENE_COUNT;
const FAVOURITE = 7;
const MODEL_COUNT = 7;
const SHAPE = {
  grid: 8,
  covariance: 'shared',
  stages: [3],
  hasChange: true,
  motionChannels: 0,
} as const;
/** Room for a twentieth of the scenes. */
const BOUND_BYTES = 600_000;
const SCENE = sceneId('default');
/** No cue of these scenes. */
const motion: MotionEstimator = { grid: 0, channelCount: 0, estimate: () => undefined };

const models: readonly SceneModel[] = Array.from({ length: MODEL_COUNT }, (_, seed) =>
  sceneModel(seed, { cameraId: cameraId(`origin${seed}`), threshold: 10 + seed }, SHAPE),
);
const [{ metadata }] = models as [SceneModel];
const requirements: ModelRequirements = {
  profile: metadata.profile,
  backbone: metadata.backbone,
  backboneSha256: metadata.backboneSha256,
};
const pixels = Uint8Array.from({ length: 2 * FRAME_BYTES }, (_, at) => (at * 7 + at / 999) % 251);

const cameraOf = (index: number) => cameraId(`camera${index}`);
const segmentOf = (index: number, round: number) => ({
  segmentId: `${index}-${round}`,
  cameraId: cameraOf(index),
  sceneId: SCENE,
  // Never on the heels of the one before: each brings the frame before it.
  stamps: [{ sequence: 2 * round, capturedAtMs: 0, mediaTimeMs: 0 }],
  hasContext: true,
  hasSlow: false,
  pixelBytes: pixels.byteLength,
});

/** Memory of typed arrays that are still in use. */
const heldBytes = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
};

let folder: TempDir;
let store: FsModelStore;

beforeAll(async () => {
  folder = await tempDir();
  store = new FsModelStore({ folder: folder.path });
  // The files of a few models under the names of many scenes.
  const saved = [];
  for (const model of models) saved.push(await store.save(model));
  for (let index = 0; index < SCENE_COUNT; index++) {
    const { path, version } = saved[index % MODEL_COUNT]!;
    const target = folder.at(`${cameraOf(index)}/${SCENE}/${version}.safetensors`);
    await mkdir(dirname(target), { recursive: true });
    await link(path, target);
    await writeFile(folder.at(`${cameraOf(index)}/${SCENE}/current`), `${version}\n`);
  }
});

afterAll(() => folder[Symbol.asyncDispose]());

test(`${SCENE_COUNT} scenes in turn, in room for a twentieth of them`, async () => {
  const meter = new RelayMeter();
  const engine = new ReferenceEngine();
  const service = new ScoringService({
    engine,
    motion,
    store,
    requirements: () => requirements,
    sceneMemoryBytes: BOUND_BYTES,
    clock: systemClock,
    logger: silentLogger,
    meter,
  });
  const expected = await Promise.all(
    models.map(async (model) => {
      const judge = new SceneJudge({ engine, motion, model });
      const { maps } = await judge.score({ pixels, frameCount: 1, context: 'given' });
      return Buffer.from(maps.slice().buffer);
    }),
  );
  const heldBefore = heldBytes();
  let evictionCount = 0;
  let loadCount = 0;
  let mostBytes = 0;
  for (let step = 0; step < 2 * VISIT_COUNT; step++) {
    // Every other segment is of a scene that comes again and again, and must not be given up.
    const index = step % 2 === 0 ? ((step / 2) * 7) % SCENE_COUNT : FAVOURITE;
    const { header, maps } = await service.score(segmentOf(index, step), pixels);
    expect(header).toMatchObject({ kind: 'scored', threshold: 10 + (index % MODEL_COUNT) });
    expect(expected[index % MODEL_COUNT]!.equals(maps!)).toBe(true);
    for (const { name, value } of meter.drain()) {
      if (name === 'patchwatch_scene_model_evictions_total') evictionCount += value;
      if (name === 'patchwatch_scene_model_load_seconds') loadCount += 1;
      if (name === 'patchwatch_scene_model_bytes') mostBytes = Math.max(mostBytes, value);
    }
  }
  // A file has 0.2 MB: had each scene left its own behind, or its preview, there would be 400 MB.
  expect(heldBytes() - heldBefore).toBeLessThan(40e6);
  expect(mostBytes).toBeGreaterThan(0.9 * BOUND_BYTES);
  expect(mostBytes).toBeLessThanOrEqual(BOUND_BYTES);
  // Read at each visit, because the others' come between; but once for the favourite, which is among them twice.
  expect(loadCount).toBe(VISIT_COUNT - 1);
  expect(evictionCount).toBeGreaterThan(0.9 * VISIT_COUNT);
});
