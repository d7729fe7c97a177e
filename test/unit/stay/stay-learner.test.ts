import { describe, expect, it } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import type { LearnedBatch } from '../../../src/core/ports/part-learner.ts';
import type { MedianOfSeven } from '../../../src/motion/median-kernel.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import type { SlowSpool } from '../../../src/stay/slow-spool.ts';
import { StayLearner } from '../../../src/stay/stay-learner.ts';
import { fromPart } from '../../../src/stay/stay-model.ts';
import { StayScorer } from '../../../src/stay/stay-scorer.ts';
import { referencePlan } from '../../support/reference-engine.ts';
import { ReusingEngine } from '../padim/made-footage.ts';

const GRID = 8;
const plan = referencePlan(GRID);
const shape = { patchCount: GRID * GRID, dimensions: 3 };
const engine = new ReusingEngine();
// One picture of the seven is enough where nothing passes.
const newest: MedianOfSeven = (pictures, target) => {
  target.set(pictures[0]!);
};

class MemorySpool implements SlowSpool {
  readonly places = new Map<number, Float32Array>();
  write(place: number, values: Float32Array): void {
    this.places.set(place, values.slice());
  }
  read(place: number, from: number, target: Float32Array): void {
    target.set(this.places.get(place)!.subarray(from, from + target.length));
  }
  remove(): void {
    this.places.clear();
  }
}

const learner = (spool: SlowSpool = new MemorySpool()): StayLearner =>
  new StayLearner({ engine, plan, fps: 1, spool, changesPerDay: 1, seed: 1, median: newest });

/** Squares of grey that flicker; `change` adds to one of a picture. */
const picture = (second: number, change: (patch: number) => number = () => 0): Uint8Array => {
  const random = seededRandom(second + 1);
  const greys = Array.from(
    { length: GRID * GRID },
    (_, patch) => 60 + ((patch * 37) % 100) + 6 * random() + change(patch),
  );
  const pixels = new Uint8Array(FRAME_BYTES);
  const size = FRAME_SIDE / GRID;
  for (let pixel = 0; pixel < FRAME_SIDE * FRAME_SIDE; pixel++) {
    const row = Math.floor(pixel / FRAME_SIDE / size);
    const grey = greys[row * GRID + Math.floor((pixel % FRAME_SIDE) / size)]!;
    pixels.fill(grey, 3 * pixel, 3 * pixel + 3);
  }
  return pixels;
};
const teach = async (
  stay: StayLearner,
  first: number,
  end: number,
  change: (second: number, patch: number) => number = () => 0,
): Promise<void> => {
  for (let second = first; second < end; second++) {
    const batch: LearnedBatch = {
      pixels: Buffer.concat([
        ...(second === first ? [] : [new Uint8Array(FRAME_BYTES)]),
        picture(second, (patch) => change(second, patch)),
      ]),
      hasContext: second !== first,
      timesMs: [second * 1_000],
    };
    await stay.add(batch);
  }
};
const scorerOf = async (stay: StayLearner): Promise<StayScorer> =>
  new StayScorer({ engine, plan, model: fromPart((await stay.finish())!, shape) });
const at =
  (place: number, levels: number) =>
  (patch: number): number =>
    patch === place ? levels : 0;

describe('learning what stays', () => {
  it('says nothing of footage that is shorter than eight slow pictures', async () => {
    const stay = learner();
    await teach(stay, 0, 13);
    expect(stay.pictureCount).toBe(7);
    expect(await stay.finish()).toBeUndefined();
    await teach(stay, 13, 20);
    expect(stay.pictureCount).toBe(8);
    expect(await stay.finish()).toBeDefined();
  });

  it('finds what was never there, at its place, and nothing in later normal footage', async () => {
    const stay = learner();
    await teach(stay, 0, 76);
    const scorer = await scorerOf(stay);
    for (let second = 200; second < 220; second++)
      expect(Math.max(...(await scorer.score(picture(second))))).toBeLessThan(1);
    const map = (await scorer.score(picture(300, at(27, 60)))).slice();
    expect(map.indexOf(Math.max(...map))).toBe(27);
    expect(map[27]).toBeGreaterThan(1);
  });

  it('knows a state that lasted a part of the footage, and stays awake elsewhere', async () => {
    const stay = learner();
    await teach(stay, 0, 106, (second, patch) => (second < 36 && patch === 9 ? 70 : 0));
    const scorer = await scorerOf(stay);
    expect(Math.max(...(await scorer.score(picture(300, at(9, 70)))))).toBeLessThan(1);
    expect(Math.max(...(await scorer.score(picture(301))))).toBeLessThan(1);
    expect(Math.max(...(await scorer.score(picture(302, at(54, 70)))))).toBeGreaterThan(1);
  });

  it('goes on from the state of a fit before it', async () => {
    const before = learner();
    await teach(before, 0, 46);
    const stay = learner();
    stay.restore(before.state());
    expect(stay.pictureCount).toBe(40);
    await teach(stay, 100, 146);
    expect(stay.pictureCount).toBe(80);
    const part = await stay.finish();
    expect(part?.numbers['pictureCount']).toBe(80);
    expect(part?.arrays['states']?.shape).toEqual([4, 64, 3]);
  });

  it('keeps ten minutes of slow pictures at most, and two in its state', async () => {
    const spool = new MemorySpool();
    const stay = learner(spool);
    const pixels = picture(0);
    await stay.add({
      pixels: Buffer.concat(Array.from({ length: 756 }, () => pixels)),
      hasContext: false,
      timesMs: Array.from({ length: 756 }, (_, second) => second * 1_000),
    });
    expect(stay.pictureCount).toBeLessThanOrEqual(600);
    expect(Math.max(...spool.places.keys())).toBeLessThan(600);
    const state = stay.state();
    expect(state.numbers).toEqual({ stretchCount: 75, pictureCount: 120 });
    expect(state.arrays['embeddings']?.shape).toEqual([120, 64, 3]);
    await stay.release();
    expect(spool.places.size).toBe(0);
  });

  it('refuses a state of another grid', () => {
    const array = { shape: [1, 4, 3], values: new Float32Array(12), precision: 'half' } as const;
    expect(() => {
      learner().restore({
        numbers: { pictureCount: 1, stretchCount: 1 },
        arrays: {
          embeddings: array,
          ordinals: { ...array, shape: [1], values: new Float32Array(1) },
        },
      });
    }).toThrow(new RangeError('stay: embeddings is of shape 1×4×3, not 1×64×3'));
  });
});
