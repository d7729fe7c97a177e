import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cellCentre, peakOf, regionAround } from '../../../src/reading/map-peak.ts';

const SIDE = 8;
const CELLS = SIDE * SIDE;

const maps = fc
  .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: CELLS, maxLength: CELLS })
  .map((values) => Float32Array.from(values));
const masks = fc.option(fc.uint8Array({ min: 0, max: 1, minLength: CELLS, maxLength: CELLS }), {
  nil: undefined,
});

const mapOf = (...rows: string[]): Float32Array => Float32Array.from(rows.join(''), Number);

describe('peakOf', () => {
  test('the largest cell that counts', () => {
    fc.assert(
      fc.property(maps, masks, (map, mask) => {
        const counting = [...map].filter((_, cell) => mask?.[cell] !== 1);
        const { score, cell } = peakOf(map, mask);
        expect(score).toBe(counting.length === 0 ? -Infinity : Math.max(...counting));
        if (counting.length === 0) expect(cell).toBe(-1);
        else {
          expect(map[cell]).toBe(score);
          expect(mask?.[cell]).not.toBe(1);
        }
      }),
    );
  });

  test('everything masked', () => {
    const all = new Uint8Array(CELLS).fill(1);
    expect(peakOf(new Float32Array(CELLS), all)).toEqual({ score: -Infinity, cell: -1 });
  });
});

describe('regionAround', () => {
  test('lies in the picture and holds the peak', () => {
    const level = fc.float({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(maps, masks, level, (map, mask, at) => {
        const { cell } = peakOf(map, mask);
        fc.pre(cell >= 0);
        const region = regionAround(map, SIDE, cell, at, mask);
        const { x, y } = cellCentre(cell, SIDE);
        expect(region.x).toBeLessThan(x);
        expect(region.y).toBeLessThan(y);
        expect(region.x + region.width).toBeGreaterThan(x);
        expect(region.y + region.height).toBeGreaterThan(y);
        expect(Math.min(region.x, region.y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(region.x + region.width, region.y + region.height)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a lower level gives no smaller region', () => {
    fc.assert(
      fc.property(maps, masks, (map, mask) => {
        const { score, cell } = peakOf(map, mask);
        fc.pre(cell >= 0);
        const [high, low] = [score, score - 40].map((level) =>
          regionAround(map, SIDE, cell, level, mask),
        );
        expect(low!.x).toBeLessThanOrEqual(high!.x);
        expect(low!.y).toBeLessThanOrEqual(high!.y);
        expect(low!.x + low!.width).toBeGreaterThanOrEqual(high!.x + high!.width);
        expect(low!.y + low!.height).toBeGreaterThanOrEqual(high!.y + high!.height);
      }),
    );
  });

  test('cells that touch, corners too; what lies apart does not count', () => {
    const map = mapOf('5000', '0900', '0050', '5000');
    expect(regionAround(map, 4, 5, 5, undefined)).toEqual({
      x: 0,
      y: 0,
      width: 0.75,
      height: 0.75,
    });
  });

  test('at least the peak’s own cell, and no wrap around the edges', () => {
    const map = mapOf('0009', '9000', '0000', '0000');
    expect(regionAround(map, 4, 3, 5, undefined)).toEqual({
      x: 0.75,
      y: 0,
      width: 0.25,
      height: 0.25,
    });
    expect(regionAround(map, 4, 3, 99, undefined)).toEqual({
      x: 0.75,
      y: 0,
      width: 0.25,
      height: 0.25,
    });
  });

  test('ignored cells lead nowhere', () => {
    const map = mapOf('9999', '0000', '0000', '0000');
    const mask = Uint8Array.from('0100000000000000', Number);
    expect(regionAround(map, 4, 0, 5, mask)).toEqual({ x: 0, y: 0, width: 0.25, height: 0.25 });
  });
});

test('cellCentre', () => {
  expect(cellCentre(0, 4)).toEqual({ x: 0.125, y: 0.125 });
  expect(cellCentre(7, 4)).toEqual({ x: 0.875, y: 0.375 });
});
