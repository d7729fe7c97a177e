import { describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { SpadeScorer } from '../../../src/rivals/spade-scorer.ts';
import { PlainNeighbours } from '../../support/plain-neighbours.ts';
import { ReferenceEngine, referencePlan } from '../../support/reference-engine.ts';

const GRID = 8;
const FRAME_BYTES_KEPT = GRID * GRID * 3 * 4;

const noise = (frameCount: number, seed: number): Uint8Array => {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: frameCount * FRAME_BYTES }, () => 256 * random());
};

const scorer = (options: { neighbourCount?: number; memoryBytes?: number } = {}): SpadeScorer =>
  new SpadeScorer({
    engine: new ReferenceEngine(),
    neighbours: new PlainNeighbours(),
    plan: referencePlan(GRID),
    ...options,
  });

describe('SpadeScorer', () => {
  test('a training frame is like itself; another is not', async () => {
    const spade = scorer({ neighbourCount: 1 });
    const training = noise(3, 1);
    await spade.addTraining(training, 3);
    spade.finish();
    expect(spade.modelBytes).toBe(3 * FRAME_BYTES_KEPT);
    const same = await spade.score(training.subarray(FRAME_BYTES, 2 * FRAME_BYTES), 1);
    expect(same.scores[0]).toBeCloseTo(0, 4);
    expect(Math.max(...same.maps)).toBeCloseTo(0, 4);
    const other = await spade.score(noise(1, 2), 1);
    expect(other.scores[0]).toBeGreaterThan(0.1);
    expect(other.maps).toHaveLength(spade.mapSide ** 2);
  });

  test('K is at most the number of training frames', async () => {
    const few = scorer();
    const exact = scorer({ neighbourCount: 2 });
    for (const spade of [few, exact]) {
      await spade.addTraining(noise(2, 1), 2);
      spade.finish();
    }
    const [a, b] = [await few.score(noise(1, 5), 1), await exact.score(noise(1, 5), 1)];
    expect(a.scores).toEqual(b.scores);
    expect(a.maps).toEqual(b.maps);
  });

  test('a frame is scored the same alone and in a batch', async () => {
    const spade = scorer({ neighbourCount: 2 });
    await spade.addTraining(noise(3, 1), 3);
    spade.finish();
    const frames = noise(2, 9);
    const both = await spade.score(frames, 2);
    const second = await spade.score(frames.subarray(FRAME_BYTES), 1);
    expect(both.scores[1]).toBe(second.scores[0]);
    expect(both.maps.slice(spade.mapSide ** 2)).toEqual(second.maps);
  });

  test('more training frames than fit are refused with the number that does', async () => {
    const spade = scorer({ memoryBytes: 5.5 * FRAME_BYTES_KEPT });
    await spade.addTraining(noise(4, 1), 4);
    await expect(spade.addTraining(noise(2, 2), 2)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^SPADE keeps .* 5 of them fit .*--train-limit 5$/) as string,
    });
    await spade.addTraining(noise(1, 2), 1);
  });

  test('no training frame is told', () => {
    expect(() => scorer().finish()).toThrow(
      expect.objectContaining({ code: 'FOOTAGE_TOO_SHORT' }) as Error,
    );
  });
});
