// Work that must not overlap: each begins when the one before it has ended, well or badly.
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves or fails as `work` does; a failure does not keep the next from its turn. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
