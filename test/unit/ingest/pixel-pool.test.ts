import { describe, expect, test } from 'vitest';

import { PixelPool } from '../../../src/ingest/pixel-pool.ts';

describe('PixelPool', () => {
  test('what was released is lent again, whole, though only a part of it came back', () => {
    const pool = new PixelPool(2);
    const first = pool.acquire(100);
    pool.release(first.subarray(10, 40));
    const again = pool.acquire(100);
    expect(again.buffer).toBe(first.buffer);
    expect([again.byteOffset, again.byteLength]).toEqual([0, 100]);
  });

  test('memory of another size is not lent', () => {
    const pool = new PixelPool(2);
    pool.release(pool.acquire(100));
    expect(pool.acquire(50)).toHaveLength(50);
    expect(pool.acquire(200)).toHaveLength(200);
  });

  test('nothing is lent twice at a time', () => {
    const pool = new PixelPool(2);
    pool.release(pool.acquire(10));
    expect(pool.acquire(10).buffer).not.toBe(pool.acquire(10).buffer);
  });

  test('it keeps no more than it may', () => {
    const pool = new PixelPool(1);
    const lent = [pool.acquire(10), pool.acquire(10)];
    for (const memory of lent) pool.release(memory);
    const again = [pool.acquire(10), pool.acquire(10)].map((memory) => memory.buffer);
    expect(again[0]).toBe(lent[0]!.buffer);
    expect(again[1]).not.toBe(lent[1]!.buffer);
  });
});
