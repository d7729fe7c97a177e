// The VAE trains with a real TensorFlow.js: its loss falls, and what it never saw is drawn worse. Narrow and short,
// so that even the plain JavaScript backend is done in minutes. PATCHWATCH_TFJS names the package's folder.
import { expect, onTestFinished, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { VaeScorer } from '../../../src/rivals/vae-scorer.ts';
import { installedTfjs } from '../../support/installed-tfjs.ts';

const tf = installedTfjs('any');
const TINY = { width: 4, latentChannels: 4, batchFrames: 1, learningRate: 0.01 };
const DARK = 20;
/** What networks draw before they have learnt anything is grey: only training makes this odd. */
const GREY = 128;

/** Dark ramps that differ a little; an odd one has a grey square. */
const pictures = (count: number, seed: number, isOdd: boolean): Uint8Array => {
  const random = seededRandom(seed);
  const pixels = new Uint8Array(count * FRAME_BYTES);
  for (let frame = 0; frame < count; frame++) {
    const level = DARK + 10 * random();
    for (let at = 0; at < FRAME_BYTES; at++) {
      const place = Math.floor(at / 3);
      const row = Math.floor(place / FRAME_SIDE);
      const isInSquare = isOdd && row >= 64 && row < 128 && place % FRAME_SIDE < 64;
      pixels[frame * FRAME_BYTES + at] = isInSquare ? GREY : level + row / 16;
    }
  }
  return pixels;
};

/** Mean of a 256 × 256 map over a square of 64 cells. */
const meanOver = (map: Float32Array, top: number, left: number): number => {
  let sum = 0;
  for (let row = top; row < top + 64; row++) {
    for (let column = left; column < left + 64; column++) sum += map[row * FRAME_SIDE + column]!;
  }
  return sum / 64 ** 2;
};

const trained = async (frameCount: number, epochs: number, seed: number) => {
  const losses: number[] = [];
  const scorer = new VaeScorer({
    ...TINY,
    tf: tf!,
    seed,
    epochs,
    onEpoch: (_epoch, loss) => losses.push(loss),
  });
  onTestFinished(() => scorer.close());
  scorer.addTraining(pictures(frameCount, 1, false), frameCount);
  await scorer.finish();
  return { scorer, losses };
};

test.skipIf(tf === undefined)(
  'the loss falls, and an odd picture is drawn worse, where it is odd',
  { timeout: 900_000 },
  async () => {
    const epochs = 10;
    const { scorer, losses } = await trained(2, epochs, 0);
    expect(losses).toHaveLength(epochs);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
    expect(scorer.modelBytes).toBeGreaterThan(200_000);

    const worst = async (pixels: Uint8Array): Promise<number> => {
      const { maps, scores } = await scorer.score(pixels, 1);
      expect(maps).toHaveLength(FRAME_SIDE ** 2);
      expect(scores[0]).toSatisfy(Number.isFinite);
      return maps.reduce((most, value) => Math.max(most, value), 0);
    };
    expect(await worst(pictures(1, 3, true))).toBeGreaterThan(
      2 * (await worst(pictures(1, 3, false))),
    );
    const { maps } = await scorer.score(pictures(1, 3, true), 1);
    expect(meanOver(maps, 64, 0)).toBeGreaterThan(2 * meanOver(maps, 128, 128));
  },
);

test.skipIf(tf === undefined)(
  'the same seed gives the same networks, another seed others',
  { timeout: 900_000 },
  async () => {
    const scores: number[] = [];
    for (const seed of [7, 7, 8]) {
      const { scorer } = await trained(1, 1, seed);
      scores.push((await scorer.score(pictures(1, 4, false), 1)).scores[0]!);
    }
    expect(scores[1]).toBe(scores[0]);
    expect(scores[2]).not.toBe(scores[0]);
  },
);
