// What was started is stopped in reverse order, once, also when starting failed half-way; one failure
// does not keep the rest running, and never hides the failure that came before it.
import { toError } from '../core/errors.ts';

type Release = () => void | Promise<void>;

export class ReleaseStack {
  #releases: Release[] = [];

  push(release: Release): void {
    this.#releases.push(release);
  }

  /** @throws AggregateError with every failure. */
  async releaseAll(): Promise<void> {
    const failures = await this.#release();
    if (failures.length > 0) throw new AggregateError(failures, 'stopping failed in part');
  }

  /** After a failure: the error to throw, which is that failure, with those of the releases behind it. */
  async releaseAfter(thrown: unknown): Promise<Error> {
    const failures = await this.#release();
    const error = toError(thrown);
    return failures.length === 0 ? error : new AggregateError([error, ...failures], error.message);
  }

  /** Runs the work and releases whatever it pushed, however it ends. */
  async around<Result>(work: () => Promise<Result>): Promise<Result> {
    let result: Result;
    try {
      result = await work();
    } catch (thrown) {
      throw await this.releaseAfter(thrown);
    }
    await this.releaseAll();
    return result;
  }

  async #release(): Promise<readonly Error[]> {
    const failures: Error[] = [];
    for (;;) {
      const release = this.#releases.pop();
      if (release === undefined) return failures;
      try {
        await release();
      } catch (thrown) {
        failures.push(toError(thrown));
      }
    }
  }
}
