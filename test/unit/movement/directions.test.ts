import { expect, test } from 'vitest';

import {
  HISTOGRAM_LENGTH,
  addDirections,
  directionOdds,
  oddsOf,
} from '../../../src/movement/direction-histogram.ts';
import { DirectionLearner } from '../../../src/movement/direction-learner.ts';
import { DirectionTrail, NO_EVIDENCE } from '../../../src/movement/direction-trail.ts';
import {
  DIRECTION_STEPS,
  NO_DIRECTION,
  regionDirections,
} from '../../../src/movement/region-directions.ts';
import { REGION_COUNT } from '../../../src/movement/regions.ts';

const SIDE = 32;
const [RIGHT, DOWN, LEFT] = [0, DIRECTION_STEPS / 4, DIRECTION_STEPS / 2];

/** One region moves, the others don't. */
const only = (region: number, direction: number): Uint8Array => {
  const all = new Uint8Array(REGION_COUNT).fill(NO_DIRECTION);
  all[region] = direction;
  return all;
};

const directionOf = (paint: (x: number, y: number) => readonly [number, number]): number => {
  const flow = new Float32Array(SIDE * SIDE * 2);
  for (let cell = 0; cell < SIDE * SIDE; cell++) {
    flow.set(paint(cell % SIDE, Math.floor(cell / SIDE)), cell * 2);
  }
  const out = new Uint8Array(REGION_COUNT);
  regionDirections(flow, 0, SIDE, out, 0);
  return out[9]!; // cells 4 to 7 each way
};

test('a region’s direction is that of what moves in it', () => {
  expect(directionOf(() => [3, 0])).toBe(RIGHT);
  expect(directionOf(() => [-3, 0])).toBe(LEFT);
  expect(directionOf((x, y) => (x === 5 && y === 5 ? [0, 4] : [0, 0]))).toBe(DOWN);
});

test('stillness, noise and what goes to and fro have no direction', () => {
  expect(directionOf(() => [0.2, 0])).toBe(NO_DIRECTION);
  expect(directionOf((x, y) => (x === 5 && y === 5 ? [1, 0] : [0, 0]))).toBe(NO_DIRECTION);
  expect(directionOf((x) => [x % 2 === 0 ? 3 : -3, 0])).toBe(NO_DIRECTION);
});

test('much speaks against a direction where all went one way, little where they went all ways', () => {
  const one = new Float64Array(HISTOGRAM_LENGTH);
  const all = new Float64Array(HISTOGRAM_LENGTH);
  for (let step = 0; step < 32 * 8; step++) {
    addDirections(one, only(20, RIGHT), 0, 0.2);
    addDirections(all, only(20, step % DIRECTION_STEPS), 0, 0.2);
  }
  const [oneWay, allWays] = [directionOdds(one), directionOdds(all)];
  expect(oddsOf(oneWay, 20, LEFT)).toBeGreaterThan(2);
  expect(oddsOf(oneWay, 20, RIGHT)).toBeLessThan(-1);
  expect(Math.abs(oddsOf(allWays, 20, LEFT))).toBeLessThan(0.1);
  // Far from where anything was seen.
  expect(oddsOf(oneWay, 60, LEFT)).toBeCloseTo(0);
});

test('evidence goes along with what moves, and is lost where nothing does', () => {
  const trail = new DirectionTrail();
  const found = new Float64Array(REGION_COUNT);
  for (let step = 0; step < 5; step++) {
    found.fill(NO_EVIDENCE);
    found[8 + step] = 2;
    trail.step(found, 0.2);
  }
  expect(trail.peak().region).toBe(12);
  expect(trail.peak().score).toBeGreaterThan(1.5);
  for (let step = 0; step < 25; step++) trail.step(found.fill(NO_EVIDENCE), 0.2);
  expect(trail.peak().score).toBeLessThan(0.05);
  const right = new DirectionTrail();
  for (let step = 0; step < 5; step++) right.step(found.fill(-1), 0.2);
  expect(right.peak()).toEqual({ score: 0, region: -1 });
});

/** Somebody crosses the top of the picture every four seconds. */
const crossings = (learner: DirectionLearner, seconds: number, isBackwards: boolean): void => {
  for (let step = 0; step < seconds * 5; step++) {
    const region = step % 20;
    const isThere = region < 8;
    const place = isBackwards ? 7 - region : region;
    learner.add(isThere ? only(place, isBackwards ? LEFT : RIGHT) : only(0, NO_DIRECTION), 0.2);
  }
};

/** The highest sum of one crossing, in thresholds. */
const cross = (learner: DirectionLearner, isBackwards: boolean): number => {
  const learnt = learner.finish();
  if (learnt === undefined) return NaN;
  const trail = new DirectionTrail();
  const scores = Array.from({ length: 8 }, (_, step) => {
    const region = isBackwards ? 7 - step : step;
    const found = new Float64Array(REGION_COUNT).fill(NO_EVIDENCE);
    found[region] = oddsOf(learnt.odds, region, isBackwards ? LEFT : RIGHT);
    trail.step(found, 0.2);
    return trail.peak().score;
  });
  return Math.max(...scores) / learnt.threshold;
};

test('one crossing the wrong way is told, the right way not, and neither where both are usual', () => {
  const oneWay = new DirectionLearner();
  crossings(oneWay, 120, false);
  expect(cross(oneWay, true)).toBeGreaterThan(1);
  expect(cross(oneWay, false)).toBe(0);
  const bothWays = new DirectionLearner();
  for (let turn = 0; turn < 15; turn++) crossings(bothWays, 8, turn % 2 === 0);
  expect(cross(bothWays, true)).toBeLessThan(0.5);
  expect(cross(bothWays, false)).toBeLessThan(0.5);
});

test('normal footage that goes against itself raises the threshold', () => {
  const steady = new DirectionLearner();
  crossings(steady, 120, false);
  const mixed = new DirectionLearner();
  crossings(mixed, 60, false);
  crossings(mixed, 4, true);
  crossings(mixed, 60, false);
  expect(mixed.finish()!.threshold).toBeGreaterThan(steady.finish()!.threshold);
});

test('half a minute says nothing; what was learnt goes on from its state', () => {
  const short = new DirectionLearner();
  crossings(short, 40, false);
  expect(short.finish()).toBeUndefined();
  const second = new DirectionLearner();
  second.restore(short.histogram(), short.peaks());
  crossings(second, 40, false);
  expect(cross(second, true)).toBeGreaterThan(0.5);
  expect(second.peaks()).toHaveLength(8);
});
