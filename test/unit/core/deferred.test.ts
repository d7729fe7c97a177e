import { getEventListeners } from 'node:events';

import { expect, test } from 'vitest';

import { abortWith, deferred, orAborted } from '../../../src/core/deferred.ts';

test('a wait that ends leaves nothing on the signals it listened to', async () => {
  const signals = [new AbortController(), new AbortController()] as const;
  const [first, second] = signals;
  const listeners = (): number[] =>
    signals.map(({ signal }) => getEventListeners(signal, 'abort').length);

  expect(await orAborted(Promise.resolve(7), first.signal, second.signal)).toBe(7);
  expect(listeners()).toEqual([0, 0]);

  const waiting = orAborted(deferred<number>().promise, first.signal, second.signal);
  expect(listeners()).toEqual([1, 1]);
  second.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  expect(listeners()).toEqual([0, 0]);
  await expect(orAborted(Promise.resolve(7), second.signal)).rejects.toThrow('over');
});

test('a controller that is aborted with a signal leaves it when it is told to', () => {
  const longLived = new AbortController();
  const forget = abortWith(new AbortController(), longLived.signal);
  forget();
  expect(getEventListeners(longLived.signal, 'abort')).toHaveLength(0);
  const later = new AbortController();
  abortWith(later, longLived.signal);
  longLived.abort();
  expect(later.signal.aborted).toBe(true);
});
