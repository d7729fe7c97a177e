import { describe, expect, test } from 'vitest';

import { FrameMemory } from '../../../src/fitting/frame-memory.ts';

/** Each number is a picture of its own. */
const judge = (memory: FrameMemory, pictures: readonly number[]): string =>
  pictures
    .map((value) => (memory.isRepeat(Uint8Array.of(value >> 16, value >> 8, value)) ? 'r' : 'n'))
    .join('');

const range = (count: number, first = 0): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

describe('FrameMemory', () => {
  test('a loop counts once, but for the step back to its start', () => {
    const memory = new FrameMemory(undefined);
    expect(judge(memory, [1, 2, 3, 4, 1, 2, 3, 4, 1, 2])).toBe('nnnnnrrrrr');
    expect(memory.repeatCount).toBe(5);
  });

  test('a picture that stands still is as new as the one before', () => {
    expect(judge(new FrameMemory(undefined), [5, 5, 5, 6, 6])).toBe('nnnnn');
    const memory = new FrameMemory(undefined);
    judge(memory, [1, 2, 3]);
    expect(judge(memory, [1, 2, 2, 2, 9, 9])).toBe('nrrrnn');
  });

  test('the same picture after another is another step: a camera that goes black is no loop', () => {
    expect(judge(new FrameMemory(undefined), [1, 0, 2, 0, 3, 0])).toBe('nnnnnn');
  });

  test('goes on from what an earlier fit saw', () => {
    const first = new FrameMemory(undefined);
    judge(first, range(50));
    const second = new FrameMemory(first.state());
    expect(judge(second, [...range(50), 900])).toBe(`${'r'.repeat(50)}n`);
  });

  test('bounded: of long footage a sample is kept, which still tells nearly all', () => {
    const memory = new FrameMemory(undefined, 256);
    judge(memory, range(4_000));
    const { digests, every } = memory.state();
    expect(digests.length).toBeLessThanOrEqual(256);
    expect(every).toBeGreaterThanOrEqual(16);
    const again = new FrameMemory(memory.state(), 256);
    judge(again, range(4_000));
    expect(again.repeatCount).toBeGreaterThan(3_800);
    const fresh = again.repeatCount;
    judge(again, range(1_000, 50_000));
    expect(again.repeatCount - fresh).toBeLessThan(150);
  });
});
