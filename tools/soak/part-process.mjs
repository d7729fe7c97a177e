// A part of the soak as its parent sees it: a process of its own that is asked questions.
import { fork } from 'node:child_process';

/** @typedef {import('./setting.mjs').Question} Question */
/** @typedef {Readonly<Record<string, number>>} Figures */

const PART = new URL('part.mjs', import.meta.url);

export class PartProcess {
  #child;
  #role;

  /** @param {import('./setting.mjs').PartSetting} setting */
  constructor(setting) {
    this.#role = setting.role;
    this.#child = fork(PART, [JSON.stringify(setting)], { execArgv: ['--expose-gc'] });
  }

  /** @param {import('./setting.mjs').PartSetting} setting */
  static async start(setting) {
    const part = new PartProcess(setting);
    await part.#next();
    return part;
  }

  /** @param {Question} question */
  ask(question) {
    const answer = this.#next();
    this.#child.send(question);
    return answer;
  }

  async stop() {
    await this.ask({ ask: 'stop' });
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  /** @returns {Promise<Figures>} */
  #next() {
    return new Promise((resolve, reject) => {
      const onExit = (
        /** @type {number | null} */ code,
        /** @type {NodeJS.Signals | null} */ signal,
      ) => {
        reject(new Error(`${this.#role} ended: ${signal ?? `code ${code ?? 'none'}`}`));
      };
      this.#child.once('exit', onExit);
      this.#child.once('message', (figures) => {
        this.#child.removeListener('exit', onExit);
        resolve(/** @type {Figures} */ (figures));
      });
    });
  }
}
