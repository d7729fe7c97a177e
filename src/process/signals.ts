// Ctrl-C and `kill`: the first asks to stop in order, the second insists.

export interface StopSignals {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Which it was. */
  received(): NodeJS.Signals | undefined;
  dispose(): void;
}

export const listenForStop = (onFirst: (signal: NodeJS.Signals) => void): StopSignals => {
  const controller = new AbortController();
  let first: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first !== undefined) {
      dispose();
      process.kill(process.pid, signal);
      return;
    }
    first = signal;
    onFirst(signal);
    controller.abort(new DOMException(`stopped by ${signal}`, 'AbortError'));
  };
  const dispose = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { signal: controller.signal, received: () => first, dispose };
};
