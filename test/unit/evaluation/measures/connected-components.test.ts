import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ConnectedComponents } from '../../../../src/evaluation/measures/connected-components.ts';
import { bytes, goldens } from './goldens.ts';

test.each(goldens().components)('regions have the sizes that scipy finds: $sizes', (golden) => {
  const components = new ConnectedComponents(golden);
  const sizes = components.label(bytes(golden.mask)).toSorted((a, b) => a - b);
  expect(sizes).toEqual(golden.sizes);
});

test('each region is whole, and apart from the others', () => {
  const [width, height] = [7, 6];
  const components = new ConnectedComponents({ width, height });
  const masks = fc.array(fc.nat(1), { minLength: width * height, maxLength: width * height });
  fc.assert(
    fc.property(masks, (values) => {
      const mask = Uint8Array.from(values);
      const sizes = components.label(mask);
      const { regions } = components;
      expect(Array.from(regions, (region) => Number(region > 0))).toEqual(values);
      for (const [index, size] of sizes.entries()) {
        expect(regions.filter((region) => region === index + 1)).toHaveLength(size);
      }
      // Pixels that touch are of one region: so regions can't be too small. That there are as many as
      // merging neighbours leaves shows that they are not too large.
      const parent = values.map((_, pixel) => pixel);
      const root = (pixel: number): number =>
        parent[pixel] === pixel ? pixel : root(parent[pixel]!);
      for (let pixel = 0; pixel < mask.length; pixel++) {
        for (const [dx, dy] of [
          [1, 0],
          [-1, 1],
          [0, 1],
          [1, 1],
        ] as const) {
          const x = (pixel % width) + dx;
          const other = pixel + dx + dy * width;
          if (x < 0 || x >= width || other >= mask.length) continue;
          if (mask[pixel] === 0 || mask[other] === 0) continue;
          expect(regions[pixel]).toBe(regions[other]);
          parent[root(pixel)] = root(other);
        }
      }
      const roots = values.filter((value, pixel) => value === 1 && root(pixel) === pixel);
      expect(sizes).toHaveLength(roots.length);
    }),
  );
});
