// What nobody caught. The state of the process is unknown from there on: it is told, what runs gets a moment to end
// in order, and then the process ends, whatever still holds it.
import { toError } from '../core/errors.ts';

/** How long whatever runs may take to end. */
const DRAIN_MS = 3_000;

export class LastResort {
  readonly #controller = new AbortController();
  readonly #fault: Promise<Error>;

  constructor() {
    this.#fault = new Promise((resolve) => {
      this.#controller.signal.addEventListener('abort', () => {
        resolve(toError(this.#controller.signal.reason));
      });
    });
  }

  /** Aborts at the first fault, with it as reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    // Rejections that nobody handles become uncaught exceptions, once.
    process.on('uncaughtException', (thrown: unknown) => {
      this.#controller.abort(toError(thrown));
    });
  }

  /** Runs the work; rejects with a fault when one comes up, once the work has ended or has had its time. */
  async guard(work: () => Promise<void>): Promise<void> {
    const working = work();
    working.catch(() => undefined);
    const fault = await Promise.race([this.#fault, working.then(() => undefined)]);
    if (fault === undefined) return;
    await Promise.race([working.catch(() => undefined), late()]);
    throw fault;
  }
}

const late = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, DRAIN_MS);
  });
