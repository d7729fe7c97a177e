import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../../src/padim/maths/random.ts';
import { blockMaxima, normalOf, stayThreshold } from '../../../src/stay/stay-normal.ts';
import { cutStretches, foldsOf } from '../../../src/stay/stretch-cut.ts';

const gumbel = (count: number): Float64Array => {
  const random = seededRandom(5);
  return Float64Array.from({ length: count }, () => 3 - 0.7 * Math.log(-Math.log(random())));
};
const options = { blockMs: 10_000, pictureCount: 400, changesPerDay: 1 };

describe('stretches of slow pictures', () => {
  it('cover everything and end where footage is interrupted', () => {
    const ordinals = [...Array(25).keys(), ...Array.from({ length: 12 }, (_, at) => 100 + at)];
    expect(cutStretches(ordinals)).toEqual([
      { first: 0, end: 8 },
      { first: 8, end: 17 },
      { first: 17, end: 25 },
      { first: 25, end: 37 },
    ]);
  });

  it('are held out once each, and none that teaches shares seconds with them', () => {
    const ordinals = [...Array(200).keys()];
    const stretches = cutStretches(ordinals);
    const folds = foldsOf(stretches, ordinals);
    expect(folds.flatMap(({ heldOut }) => heldOut)).toHaveLength(stretches.length);
    for (const { heldOut, taught } of folds) {
      for (const { first, end } of heldOut) {
        for (const picture of taught) expect(picture < first - 5 || picture >= end + 5).toBe(true);
      }
      expect(taught.length).toBeGreaterThan(100);
    }
  });
});

describe('what is normal for what stays', () => {
  it('is a threshold that loud blocks, one in ten, move by a tenth however loud, and all of them by all', () => {
    const maxima = gumbel(40);
    const { threshold } = stayThreshold(maxima, options);
    const loud = maxima.map((value, at) => (at % 10 === 0 ? value + 50 : value));
    expect(Math.abs(stayThreshold(loud, options).threshold / threshold - 1)).toBeLessThan(0.12);
    const all = maxima.map((value) => value + 5);
    expect(stayThreshold(all, options).threshold).toBeCloseTo(threshold + 5, 6);
  });

  it('is as rare as asked for, and no rarer than the footage can vouch for', () => {
    const short = stayThreshold(gumbel(6), options);
    expect(short.predictedPerDay).toBeCloseTo(8_640 / 120, 6);
    const long = stayThreshold(gumbel(6_000), options);
    expect(long.predictedPerDay).toBe(1);
    expect(long.threshold).toBeCloseTo(3 + 0.7 * Math.log(8_640), 0);
  });

  it('is raised where little was seen', () => {
    const at = (pictureCount: number): number =>
      stayThreshold(gumbel(6), { ...options, pictureCount }).threshold /
      stayThreshold(gumbel(6), options).threshold;
    expect(at(120)).toBe(1);
    expect(at(60)).toBeCloseTo(1.375, 6);
    expect(at(12)).toBeGreaterThan(4);
  });

  it('is each position’s own, and its peaks count where they last', () => {
    const side = 16;
    const random = seededRandom(1);
    // The right half varies five times as much.
    const distances = Float32Array.from(
      { length: 100 * side * side },
      (_, at) => 8 + (at % side < 8 ? 2 : 10) * (random() - 0.5),
    );
    const normal = normalOf(distances, side);
    expect(normal.deviation[8 * side + 15]!).toBeGreaterThan(2 * normal.deviation[8 * side]!);
    const quiet = new Float32Array(3 * side * side).fill(8);
    quiet[0] = 100;
    const [single] = blockMaxima(quiet, normal, [{ first: 0, end: 3 }]);
    quiet[side * side] = 100;
    const [lasting] = blockMaxima(quiet, normal, [{ first: 0, end: 3 }]);
    expect(single).toBeLessThan(1);
    expect(lasting).toBeGreaterThan(10);
  });
});
