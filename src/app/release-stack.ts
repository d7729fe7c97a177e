// What was started is stopped in reverse order, once, also when starting failed half-way; one failure
// does not keep the rest running.
import { toError } from '../core/errors.ts';

type Release = () => void | Promise<void>;

export class ReleaseStack {
  #releases: Release[] = [];

  push(release: Release): void {
    this.#releases.push(release);
  }

  /** @throws AggregateError with every failure. */
  async releaseAll(): Promise<void> {
    const failures: Error[] = [];
    for (;;) {
      const release = this.#releases.pop();
      if (release === undefined) break;
      try {
        await release();
      } catch (thrown) {
        failures.push(toError(thrown));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'stopping failed in part');
  }
}
