import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ignoreMask, type Polygon } from '../../../src/core/ignore-mask.ts';

const rectangle = (left: number, top: number, right: number, bottom: number): Polygon => [
  { x: left, y: top },
  { x: right, y: top },
  { x: right, y: bottom },
  { x: left, y: bottom },
];

const picture = (polygons: readonly Polygon[], side: number): string[] => {
  const mask = [...ignoreMask(polygons, side)!];
  return Array.from({ length: side }, (_, row) =>
    mask.slice(row * side, (row + 1) * side).join(''),
  );
};

describe('ignoreMask', () => {
  test('none without polygons', () => {
    expect(ignoreMask([], 32)).toBeUndefined();
  });

  test('cells whose centre lies inside', () => {
    expect(picture([rectangle(0, 0, 0.5, 0.5)], 4)).toEqual(['1100', '1100', '0000', '0000']);
    expect(picture([rectangle(0, 0, 0.3, 1)], 4)).toEqual(['1000', '1000', '1000', '1000']);
    expect(picture([rectangle(0, 0, 1, 1)], 2)).toEqual(['11', '11']);
  });

  test('several polygons together', () => {
    const both = [rectangle(0, 0, 0.5, 0.5), rectangle(0.5, 0.5, 1, 1)];
    expect(picture(both, 4)).toEqual(['1100', '1100', '0011', '0011']);
  });

  test('a triangle', () => {
    const triangle = [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
      { x: 0, y: 1 },
    ];
    const below = picture([triangle], 4).map((row) => row.replaceAll('0', '').length);
    // Centres on the slanted side itself may fall either way.
    below.forEach((count, row) => {
      expect([row, row + 1]).toContain(count);
    });
  });

  test('a shape with a dent', () => {
    const u = [
      { x: 0, y: 0 },
      { x: 0.25, y: 0 },
      { x: 0.25, y: 0.75 },
      { x: 0.75, y: 0.75 },
      { x: 0.75, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
      { x: 0, y: 1 },
    ];
    expect(picture([u], 4)).toEqual(['1001', '1001', '1001', '1111']);
  });

  test('a rectangle holds what lies between its sides, drawn either way round', () => {
    const edge = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(edge, edge, edge, edge, (a, b, c, d) => {
        const [left = 0, right = 0] = [a, b].sort((x, y) => x - y);
        const [top = 0, bottom = 0] = [c, d].sort((x, y) => x - y);
        const polygon = rectangle(left, top, right, bottom);
        const mask = ignoreMask([polygon], 8)!;
        mask.forEach((isIgnored, cell) => {
          const x = ((cell % 8) + 0.5) / 8;
          const y = (Math.floor(cell / 8) + 0.5) / 8;
          fc.pre(x !== left && x !== right && y !== top && y !== bottom);
          expect(isIgnored).toBe(x > left && x < right && y > top && y < bottom ? 1 : 0);
        });
        expect(ignoreMask([polygon.toReversed()], 8)).toEqual(mask);
      }),
    );
  });
});
