// A promise with its resolver outside (`Promise.withResolvers` is newer than the oldest supported Node).

import { toError } from './errors.ts';

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

export const deferred = <Value>(): Deferred<Value> => {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

/**
 * The promise, or a rejection with the reason of the signal that aborts first. Signals may live as long as the
 * process: nothing stays with them once this has settled. The promise must not: what waits for it stays with it.
 */
export const orAborted = <Value>(
  promise: Promise<Value>,
  ...signals: readonly AbortSignal[]
): Promise<Value> =>
  new Promise((resolve, reject) => {
    const forget = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      forget();
      reject(signals.find(({ aborted }) => aborted)?.reason as Error);
    };
    for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(toError(error));
      },
    );
    if (signals.some(({ aborted }) => aborted)) onAbort();
  });

/** Aborts the controller with the signal, until the function that is returned is called. */
export const abortWith = (controller: AbortController, signal: AbortSignal): (() => void) => {
  const onAbort = (): void => {
    controller.abort(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
  };
};
