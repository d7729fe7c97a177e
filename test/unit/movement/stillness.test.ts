import { expect, test } from 'vitest';

import { MovementJudge } from '../../../src/movement/movement-judge.ts';
import type { SegmentMovement } from '../../../src/movement/movement-measures.ts';
import { movementModelOf, movementPart } from '../../../src/movement/movement-model.ts';
import { REGION_COUNT } from '../../../src/movement/regions.ts';
import { StillnessLearner } from '../../../src/movement/stillness-learner.ts';

const STEP = 0.2;
const ROAD = 27;
const YARD = 36;

/** The road always moves, a little more or less; the yard when `isYardBusy`. */
const shares = (step: number, isYardBusy: boolean, isRoadBusy = true): Float64Array => {
  const all = new Float64Array(REGION_COUNT);
  if (isRoadBusy) all[ROAD] = 0.5 + 0.1 * Math.sin(step * 1.7);
  if (isYardBusy) all[YARD] = 0.5;
  return all;
};

const learn = (isYardBusy: (step: number) => boolean, stepCount = 300): Float32Array => {
  const learner = new StillnessLearner();
  for (let step = 0; step < stepCount; step++) learner.add(shares(step, isYardBusy(step)), STEP);
  return learner.finish();
};

const limitsOf = (limits: Float32Array) => movementModelOf(movementPart(undefined, limits)).limits;

const judgeOf = (limits: Float32Array, isIgnored?: Uint8Array) => {
  const judge = new MovementJudge(2_000);
  const known = limitsOf(limits);
  let sequence = 0;
  return (now: Float64Array): number => {
    const movement: SegmentMovement = {
      shares: now,
      odds: new Float64Array(),
      stepCount: 0,
      directionThreshold: undefined,
      limits: known,
    };
    const ms = sequence * STEP * 1_000;
    const stamp = { sequence: sequence++, capturedAtMs: ms, mediaTimeMs: ms };
    return judge.judge(movement, [stamp], isIgnored).absence?.score ?? 0;
  };
};

test('what always moved and stops is absent within seconds, and no longer when it moves again', () => {
  const judge = judgeOf(learn(() => false));
  for (let step = 0; step < 50; step++) expect(judge(shares(step, false))).toBeLessThan(1);
  let stillSteps = 0;
  while (judge(shares(0, false, false)) < 1 && stillSteps < 1_000) stillSteps += 1;
  expect(stillSteps * STEP).toBeGreaterThan(1.5);
  expect(stillSteps * STEP).toBeLessThan(10);
  for (let step = 0; step < 10; step++) judge(shares(step, false));
  expect(judge(shares(0, false))).toBeLessThan(0.5);
});

test('a place that was still for long once can’t be absent', () => {
  const busyButOnce = learn((step) => step < 120 || step > 200);
  const quiet = judgeOf(busyButOnce);
  for (let step = 0; step < 500; step++) expect(quiet(shares(step, false))).toBeLessThan(1);
  // While one that never was can.
  const busy = judgeOf(learn(() => true));
  const highest = Array.from({ length: 100 }, (_, step) => busy(shares(step, false)));
  expect(Math.max(...highest)).toBeGreaterThan(1);
});

test('seconds of footage are not enough', () => {
  expect(limitsOf(learn(() => true, 25))).toEqual([]);
  expect(limitsOf(learn(() => true, 300)).length).toBeGreaterThan(0);
});

test('ignored regions are not missed', () => {
  const isIgnored = new Uint8Array(REGION_COUNT);
  isIgnored[ROAD] = 1;
  const judge = judgeOf(
    learn(() => false),
    isIgnored,
  );
  for (let step = 0; step < 100; step++) expect(judge(shares(0, false, false))).toBe(0);
});

test('after a gap nothing is taken for still before it could be', () => {
  const limits = limitsOf(learn(() => false));
  const judge = new MovementJudge(2_000);
  const still: SegmentMovement = {
    shares: new Float64Array(REGION_COUNT),
    odds: new Float64Array(),
    stepCount: 0,
    directionThreshold: undefined,
    limits,
  };
  const at = (ms: number) => ({ sequence: ms, capturedAtMs: ms, mediaTimeMs: ms });
  for (let ms = 0; ms <= 20_000; ms += 200) judge.judge(still, [at(ms)]);
  expect(judge.judge(still, [at(20_200)]).absence?.score).toBeGreaterThan(1);
  expect(judge.judge(still, [at(60_000)]).absence).toBeUndefined();
  expect(judge.judge(still, [at(60_200)]).absence?.score).toBeLessThan(1);
});

test('learning may be interrupted', () => {
  const whole = new StillnessLearner();
  const first = new StillnessLearner();
  const second = new StillnessLearner();
  for (let step = 0; step < 300; step++) {
    if (step === 150) {
      whole.breakOff();
      second.restore(first.state());
    }
    whole.add(shares(step, false), STEP);
    (step < 150 ? first : second).add(shares(step, false), STEP);
  }
  const [expected, found] = [whole.finish(), second.finish()];
  expect(Array.from(found, (value) => value.toFixed(3))).toEqual(
    Array.from(expected, (value) => value.toFixed(3)),
  );
  expect(expected.some((limit) => limit < 0)).toBe(true);
});
