import { describe, expect, test } from 'vitest';

import { ReleaseStack } from '../../../src/process/release-stack.ts';
import { PatchwatchError } from '../../../src/core/errors.ts';

const stackOf = (...failures: (Error | undefined)[]) => {
  const order: number[] = [];
  const stack = new ReleaseStack();
  failures.forEach((failure, index) => {
    stack.push(() => {
      order.push(index);
      if (failure !== undefined) throw failure;
    });
  });
  return { stack, order };
};

const OWN = new PatchwatchError('ADDRESS_IN_USE', 'taken');
const LATER = new Error('can’t be stopped');

describe('ReleaseStack', () => {
  test('releases all in reverse, once, whatever fails', async () => {
    const { stack, order } = stackOf(undefined, LATER, undefined);
    await expect(stack.releaseAll()).rejects.toMatchObject({ errors: [LATER] });
    expect(order).toEqual([2, 1, 0]);
    await stack.releaseAll();
    expect(order).toHaveLength(3);
  });

  test('a failure stays what it is when the releases go well', async () => {
    expect(await stackOf(undefined).stack.releaseAfter(OWN)).toBe(OWN);
  });

  test('a failure comes before those of the releases', async () => {
    const { stack } = stackOf(LATER, undefined);
    const error = await stack.releaseAfter(OWN);
    expect(error).toMatchObject({ message: 'taken', errors: [OWN, LATER] });
  });

  test('around work: its result, or its failure before those of the releases', async () => {
    expect(await stackOf(undefined).stack.around(() => Promise.resolve(7))).toBe(7);
    await expect(stackOf(LATER).stack.around(() => Promise.reject(OWN))).rejects.toMatchObject({
      errors: [OWN, LATER],
    });
  });
});
