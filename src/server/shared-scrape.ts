// Metrics as an answer: however many ask at once, they are collected once, and the text is one for all of them.
import type { Reply } from './reply.ts';

export interface Scrape {
  readonly type: string;
  readonly body: string;
}

export class SharedScrape {
  readonly #scrape: () => Promise<Scrape>;
  #running: Promise<Reply> | undefined;

  constructor(scrape: () => Promise<Scrape>) {
    this.#scrape = scrape;
  }

  reply(): Promise<Reply> {
    this.#running ??= this.#scrape()
      .then(({ type, body }) => ({ status: 200, type, body: Buffer.from(body), isShared: true }))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
