import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Clip } from '../../../src/datasets/dataset.ts';
import { limitFrames } from '../../../src/datasets/limit-frames.ts';

const clip = (id: number, frames: number): Clip => ({
  id: String(id),
  footage: { kind: 'images', paths: Array.from({ length: frames }, (_, at) => `${id}/${at}`) },
  labels: Uint8Array.from({ length: frames }, (_, at) => at % 2),
  masks: Array.from({ length: frames }, (_, at) => `${id}/${at}.png`),
});

const pathsOf = (one: Clip): readonly string[] =>
  one.footage.kind === 'images' ? one.footage.paths : [];

test('keeps as many frames as asked for, spread evenly, with their own labels and masks', () => {
  const sizes = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 60 }), (counts, limit) => {
      const clips = counts.map((count, id) => clip(id, count));
      const total = counts.reduce((sum, count) => sum + count, 0);
      const limited = limitFrames(clips, limit);
      expect(limited.flatMap(pathsOf)).toHaveLength(Math.min(limit, total));
      for (const [id, one] of limited.entries()) {
        const paths = pathsOf(one);
        const share = (counts[id]! * Math.min(limit, total)) / Math.max(1, total);
        expect(Math.abs(paths.length - share)).toBeLessThanOrEqual(1);
        expect(one.masks).toEqual(paths.map((path) => `${path}.png`));
        expect(Array.from(one.labels ?? [])).toEqual(
          paths.map((path) => Number(path.split('/')[1]) % 2),
        );
      }
    }),
  );
});

test('videos are kept whole', () => {
  const video: Clip = { ...clip(0, 0), footage: { kind: 'video', path: 'a.mp4' } };
  expect(limitFrames([video, clip(1, 10)], 2).map((one) => pathsOf(one).length)).toEqual([0, 2]);
  expect(limitFrames([video, clip(1, 10)], 2)[0]).toEqual(video);
});
