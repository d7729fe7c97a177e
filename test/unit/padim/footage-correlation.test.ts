import { describe, expect, test } from 'vitest';

import { EmbeddingStatistics } from '../../../src/padim/embedding-statistics.ts';
import { footageKindOf, frameCorrelation } from '../../../src/padim/footage-correlation.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { ReferenceEngine } from '../../support/reference-engine.ts';

const PATCHES = 4;
const FRAMES = 4_000;
const D = 2;

/** An autoregressive process at each position, about a mean of its own: (patch, frame, channel). */
const process = (correlation: number): Float32Array => {
  const random = seededRandom(3);
  const values = new Float32Array(PATCHES * FRAMES * D);
  const step = Math.sqrt(1 - correlation ** 2);
  for (let patch = 0; patch < PATCHES; patch++) {
    for (let channel = 0; channel < D; channel++) {
      let state = 0;
      for (let frame = 0; frame < FRAMES; frame++) {
        state = correlation * state + step * (random() + random() - 1);
        values[(patch * FRAMES + frame) * D + channel] = 10 * patch + (channel + 1) * state;
      }
    }
  }
  return values;
};

const correlationOf = async (values: Float32Array): Promise<number> => {
  const engine = new ReferenceEngine();
  const embedding = { patchCount: PATCHES, frameCount: FRAMES, dimensions: D, values };
  const first = new Float32Array(PATCHES * D);
  for (let patch = 0; patch < PATCHES; patch++) {
    first.set(values.subarray(patch * FRAMES * D, patch * FRAMES * D + D), patch * D);
  }
  const appended = await engine.appendChange(embedding, first);
  const shift = new Float32Array(PATCHES * 2 * D);
  const statistics = new EmbeddingStatistics({
    kind: 'shared',
    patchCount: PATCHES,
    dimensions: 2 * D,
    shift,
  });
  statistics.add(await engine.moments(appended, shift, 'shared'), FRAMES);
  return frameCorrelation(statistics);
};

describe('frameCorrelation', () => {
  test.each([-0.5, 0, 0.3, 0.7, 0.95])(
    'finds the correlation of %d that frames were made with',
    async (correlation) => {
      expect(Math.abs((await correlationOf(process(correlation))) - correlation)).toBeLessThan(
        0.03,
      );
    },
  );

  test('is that of the frames, whatever the unit and the place of each embedding', async () => {
    const values = process(0.7);
    const scaled = values.map((value, index) => 3 * value - 20 * (index % D));
    expect(await correlationOf(scaled)).toBeCloseTo(await correlationOf(values), 2);
  });
});

test('frames that follow each other are alike, pictures taken apart are not', () => {
  expect([0.35, 0.6, 1].map(footageKindOf)).toEqual(['video', 'video', 'video']);
  expect([0.349, 0, -1].map(footageKindOf)).toEqual(['stills', 'stills', 'stills']);
});
