import { describe, expect, test } from 'vitest';

import { FRAME_SIDE } from '../../../src/core/frame.ts';
import { evidenceOf, isDamaged, isStill } from '../../../src/view/view-evidence.ts';
import { VIEW_FIELDS } from '../../../src/view/view-fields.ts';
import { ViewLearner } from '../../../src/view/view-learner.ts';
import { ViewMeter } from '../../../src/view/view-meter.ts';
import {
  batchOf,
  frameOf,
  learntPart,
  measure,
  normalFrame,
  SCENE,
  sceneAt,
  type Placing,
} from './made-scene.ts';

const HABIT = { lost: 0, sharpness: 0 };

/** Of two frames in a row. */
const see = (luma: Float32Array, deviation?: number) =>
  measure([frameOf(luma, 1, deviation), frameOf(luma, 2, deviation)]);

const blurred = (radius: number): Float32Array =>
  SCENE.map((_, at) => {
    let sum = 0;
    let count = 0;
    const x = at % FRAME_SIDE;
    const y = Math.floor(at / FRAME_SIDE);
    for (let row = Math.max(0, y - radius); row <= Math.min(FRAME_SIDE - 1, y + radius); row += 2) {
      for (
        let column = Math.max(0, x - radius);
        column <= Math.min(FRAME_SIDE - 1, x + radius);
        column += 2
      ) {
        sum += SCENE[row * FRAME_SIDE + column] ?? 0;
        count += 1;
      }
    }
    return sum / count;
  });

const turned = (x: number, y: number, turn: number, zoom: number): Placing => {
  const middle = (FRAME_SIDE - 1) / 2;
  // Where the learnt scene lies that is seen at a point: the inverse of registration.ts's placement.
  const scale = 1 / ((1 + zoom) ** 2 + turn ** 2);
  return (atX, atY) => {
    const dx = atX - middle - x;
    const dy = atY - middle - y;
    return [
      middle + scale * ((1 + zoom) * dx + turn * dy),
      middle + scale * ((1 + zoom) * dy - turn * dx),
    ];
  };
};

describe('a normal view', () => {
  test('gives no reason for a verdict', () => {
    const reading = measure([normalFrame(100), normalFrame(101), normalFrame(102)]);
    expect(evidenceOf(reading, HABIT, 1)).toBeUndefined();
    expect(reading.structured).toBeGreaterThan(0.3);
    expect(reading.lost).toBeLessThan(0.1);
    expect(reading).toMatchObject({ frames: 2, pairs: 2, repeats: 0, greyFrames: 0 });
  });

  test.each([
    ['dimmer', SCENE.map((value) => value * 0.4), 2],
    ['brighter', SCENE.map((value) => value * 1.3), 2],
    ['with edges the other way round', SCENE.map((value) => 255 - value), 2],
    ['noisy', SCENE, 12],
    ['foggy', SCENE.map((value) => 200 + (value - 200) * 0.4), 2],
  ])('%s gives none either', (_name, luma, deviation) => {
    expect(evidenceOf(see(luma, deviation), HABIT, 1)).toBeUndefined();
  });

  test('everything that is measured is a finite number', () => {
    const values = new ViewMeter(learntPart()).measure({
      pixels: frameOf(new Float32Array(FRAME_SIDE ** 2), 1, 0),
      frameCount: 1,
      hasContext: false,
    });
    expect(values).toHaveLength(VIEW_FIELDS.length);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe('a view that is lost', () => {
  const flat = (level: number) => SCENE.map((_, at) => level + (at % FRAME_SIDE) / 20);

  test.each([
    ['dark', flat(4)],
    ['bright', flat(240)],
    ['covered', flat(90)],
    ['defocused', blurred(8)],
  ])('%s', (verdict, luma) => {
    expect(evidenceOf(see(luma), HABIT, 1)).toBe(verdict);
  });

  test('half of it covered', () => {
    const half = SCENE.map((value, at) => (at % FRAME_SIDE < FRAME_SIDE / 2 ? 30 : value));
    expect(evidenceOf(see(half), HABIT, 1)).toBe('covered');
  });

  test('another view', () => {
    const elsewhere = sceneAt('elsewhere', (x, y) => [y * 1.2 - 20, 250 - x]);
    expect(evidenceOf(see(elsewhere), HABIT, 1)).toBe('moved');
  });

  test('what has long been so is no news', () => {
    const reading = see(flat(90));
    expect(evidenceOf(reading, { lost: reading.lost, sharpness: 0 }, 1)).toBeUndefined();
  });
});

describe('a shift, a turn, a zoom', () => {
  test.each([
    { x: 4, y: -3, turn: 0, zoom: 0 },
    { x: -14, y: 6, turn: 0, zoom: 0 },
    { x: 1, y: 2, turn: 0.04, zoom: 0 },
    { x: 0, y: 0, turn: 0, zoom: 0.04 },
    { x: 5, y: 2, turn: -0.03, zoom: -0.03 },
  ])('$x, $y px, turned by $turn, zoomed by $zoom', ({ x, y, turn, zoom }) => {
    const reading = see(sceneAt(`${x} ${y} ${turn} ${zoom}`, turned(x, y, turn, zoom)));
    expect(evidenceOf(reading, HABIT, 1)).toBe('moved');
    expect(Math.abs(reading.shiftX - x)).toBeLessThan(1);
    expect(Math.abs(reading.shiftY - y)).toBeLessThan(1);
    expect(Math.abs(reading.turn - turn)).toBeLessThan(0.005);
    expect(Math.abs(reading.zoom - zoom)).toBeLessThan(0.005);
  });

  test('of less than three pixels is none', () => {
    const reading = see(sceneAt('little', turned(1.5, -1, 0, 0)));
    expect(evidenceOf(reading, HABIT, 1)).toBeUndefined();
  });
});

describe('frames', () => {
  test('that repeat, exactly or but for coding', () => {
    const [one, other] = [normalFrame(1), normalFrame(2)];
    expect(isStill(measure([one, one, one]))).toBe(true);
    expect(isStill(measure([one, other, other]))).toBe(false);
    const coded = one.map((value, at) => (at % 997 === 0 ? value ^ 1 : value));
    expect(isStill(measure([one, coded]))).toBe(true);
    expect(isStill(measure([one, other]))).toBe(false);
  });

  test('with parts that a decoder left grey', () => {
    const damaged = normalFrame(3);
    damaged.fill(129, 3 * 100 * FRAME_SIDE, 3 * 150 * FRAME_SIDE);
    const reading = measure([normalFrame(2), damaged, normalFrame(4)]);
    expect(reading.greyFrames).toBe(1);
    expect(reading.greyShare).toBeCloseTo(48 / FRAME_SIDE, 1);
    expect(isDamaged(reading)).toBe(true);
  });

  test('with a grey thing that fades into its surroundings', () => {
    const fading = SCENE.map((_, at) => 105 + (at % FRAME_SIDE) / 5);
    expect(see(fading, 0).greyFrames).toBe(0);
  });
});

describe('ViewLearner', () => {
  test('goes on from its state as if it had never stopped', () => {
    const frames = Array.from({ length: 40 }, (_, index) => normalFrame(index));
    const first = new ViewLearner();
    first.add(batchOf(frames.slice(0, 21), false, 0));
    const second = new ViewLearner();
    second.restore(first.state());
    second.add(batchOf(frames.slice(20), true, 21 * 200));
    const extended = second.state();
    const whole = learntPart();
    expect(extended.numbers).toEqual(whole.numbers);
    for (const [name, { values }] of Object.entries(extended.arrays)) {
      const expected = whole.arrays[name]?.values ?? new Float32Array(0);
      const off = values.map((value, at) => Math.abs(value - (expected[at] ?? NaN)));
      expect(Math.max(...off), name).toBeLessThan(0.01);
    }
  });

  test('says nothing of too little', () => {
    const learner = new ViewLearner();
    learner.add(batchOf([normalFrame(0), normalFrame(1)], false, 0));
    expect(learner.finish()).toBeUndefined();
  });

  test('refuses a state of another kind', () => {
    expect(() => {
      new ViewLearner().restore({ numbers: {}, arrays: {} });
    }).toThrow(RangeError);
  });

  test('knows how long normal footage repeats a picture', () => {
    const learner = new ViewLearner();
    const one = normalFrame(0);
    learner.add(batchOf([one, one, one, normalFrame(1), one], false, 0));
    expect(learner.state().numbers.longestRepeatMs).toBe(400);
  });
});
