import { expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import { MovementJudge } from '../../../src/movement/movement-judge.ts';
import { MovementLearner } from '../../../src/movement/movement-learner.ts';
import { decodeMovement } from '../../../src/movement/movement-measures.ts';
import { MovementMeter } from '../../../src/movement/movement-meter.ts';
import { movementModelOf } from '../../../src/movement/movement-model.ts';
import { SharedFlow } from '../../../src/movement/shared-flow.ts';

const GRID = 32;
const STEP_MS = 200;
const BATCH = 10;

/** Everything moves to the right where a frame's first byte is 0, to the left where it is 1; counts its frames. */
const makeMotion = () => {
  const calls: number[] = [];
  const motion: MotionEstimator = {
    grid: GRID,
    channelCount: 2,
    estimate: (pixels, frameCount, out, flow) => {
      calls.push(frameCount);
      out.fill(frameCount, 0, frameCount * GRID * GRID * 2);
      for (let frame = 0; frame < frameCount; frame++) {
        const u = pixels[(frame + 1) * FRAME_BYTES] === 0 ? 2 : -2;
        for (let cell = 0; cell < GRID * GRID; cell++) {
          flow?.set([u, 0], (frame * GRID * GRID + cell) * 2);
        }
      }
    },
  };
  return { motion, calls };
};

/** A square in the middle flickers while `isMoving`. */
const batch = (first: number, isMoving: boolean, isBackwards: boolean): Uint8Array => {
  const pixels = new Uint8Array((BATCH + 1) * FRAME_BYTES).fill(100);
  for (let frame = 0; frame <= BATCH; frame++) {
    pixels[frame * FRAME_BYTES] = isBackwards ? 1 : 0;
    if (!isMoving || (first + frame) % 2 === 0) continue;
    for (let y = 96; y < 160; y++) {
      const from = frame * FRAME_BYTES + (y * FRAME_SIDE + 96) * 3;
      pixels.fill(150, from, from + 64 * 3);
    }
  }
  return pixels;
};

const learn = async (learner: MovementLearner, seconds: number): Promise<void> => {
  for (let first = 0; first < seconds * 5; first += BATCH) {
    const timesMs = Array.from({ length: BATCH }, (_, index) => (first + index) * STEP_MS);
    const hasContext = first > 0;
    const pixels = batch(first, true, false).subarray(hasContext ? 0 : FRAME_BYTES);
    await learner.add({ pixels, hasContext, timesMs });
  }
};

test('what is learnt tells a stop and a wrong way, of which normal footage has neither', async () => {
  const flow = new SharedFlow(makeMotion().motion);
  const learner = new MovementLearner({ flow, gapMs: 2_000 });
  await learn(learner, 70);
  const part = learner.finish();
  const meter = new MovementMeter(movementModelOf(part!));
  const judge = new MovementJudge(2_000);
  let sequence = 0;
  const watch = (isMoving: boolean, isBackwards: boolean) => {
    const pixels = batch(sequence, isMoving, isBackwards);
    const u = isBackwards ? -2 : 2;
    const run = {
      ...{ pixels, frameCount: BATCH, hasContext: true },
      flow: Float32Array.from({ length: BATCH * GRID * GRID * 2 }, (_, at) => (at % 2 ? 0 : u)),
    };
    const movement = decodeMovement(meter.measure(run)!)!;
    const stamps = Array.from({ length: BATCH }, () => {
      const ms = sequence * STEP_MS;
      return { sequence: sequence++, capturedAtMs: ms, mediaTimeMs: ms };
    });
    return judge.judge(movement, stamps);
  };
  for (let turn = 0; turn < 3; turn++) {
    expect(watch(true, false)).toMatchObject({ direction: { score: 0 } });
  }
  expect(watch(true, false).absence?.score).toBeLessThan(0.5);
  expect(watch(true, true).direction?.score).toBeGreaterThan(1);
  for (let turn = 0; turn < 5; turn++) watch(false, false);
  const stopped = watch(false, false).absence;
  expect(stopped?.score).toBeGreaterThan(1);
  expect(stopped?.peak.x).toBeGreaterThan(0.3);
  expect(stopped?.peak.x).toBeLessThan(0.7);
});

test('too little footage is no part, and its state goes on', async () => {
  const make = () =>
    new MovementLearner({ flow: new SharedFlow(makeMotion().motion), gapMs: 2_000 });
  const short = make();
  await learn(short, 4);
  expect(short.finish()).toBeUndefined();
  const half = make();
  await learn(half, 40);
  const other = make();
  other.restore(half.state());
  await learn(other, 40);
  expect(movementModelOf(other.finish()!).directions).toBeDefined();
  expect(() => {
    make().restore({ numbers: {}, arrays: {} });
  }).toThrow('has no');
});

test('a part of another shape is refused', () => {
  expect(() => movementModelOf({ numbers: {}, arrays: {} })).toThrow('learn the scene again');
});

test('motion of a batch is estimated once, however often its runs are asked for', async () => {
  const { motion, calls } = makeMotion();
  const shared = new SharedFlow(motion);
  const pixels = batch(0, true, false);
  pixels[4 * FRAME_BYTES] = 1;
  const flow = new Float32Array(BATCH * GRID * GRID * 2);
  await shared.share(pixels, BATCH, flow);
  const out = new Float32Array(2 * GRID * GRID * 2);
  const part = new Float32Array(2 * GRID * GRID * 2);
  await shared.estimate(pixels.subarray(3 * FRAME_BYTES, 6 * FRAME_BYTES), 2, out, part);
  expect(calls).toEqual([BATCH]);
  expect(out.every((value) => value === BATCH)).toBe(true);
  expect([part[0], part[GRID * GRID * 2]]).toEqual([-2, 2]);
  // Other frames, frames beyond those that are kept, and frames that are kept no more.
  await shared.estimate(batch(0, true, false), 2, out);
  await shared.estimate(pixels.subarray(9 * FRAME_BYTES), 2, out);
  shared.forget();
  await shared.estimate(pixels, 2, out);
  expect(calls).toEqual([BATCH, 2, 2, 2]);
});
