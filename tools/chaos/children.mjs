// Children of the run: started with their output kept, and none left behind whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

import { waitUntil } from '../support/wait-until.mjs';

/** @type {Set<Child>} */
const children = new Set();

/** Kills whatever still runs. */
export const killAll = async () => {
  await Promise.all([...children].map((child) => child.end('SIGKILL')));
};

/**
 * @typedef {object} ChildOptions
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string>>} [env]
 * @property {string} cwd
 */

export class Child {
  #process;
  /** @type {string} */
  name;
  output = '';

  /** @param {ChildOptions} options */
  constructor({ name, command, args, env = {}, cwd }) {
    this.name = name;
    this.#process = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(`${cwd}/${name}.log`, { flags: 'a' });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        this.output = (this.output + chunk.toString()).slice(-200_000);
        log.write(chunk);
      });
    }
    this.#process.once('close', () => log.end());
    children.add(this);
  }

  get pid() {
    return this.#process.pid;
  }

  get isAlive() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** @param {NodeJS.Signals} signal */
  kill(signal) {
    this.#process.kill(signal);
  }

  /** @param {NodeJS.Signals} signal */
  async end(signal) {
    children.delete(this);
    if (!this.isAlive) return;
    const gone = once(this.#process, 'exit');
    this.kill('SIGCONT');
    this.kill(signal);
    await gone;
  }

  /**
   * Resolves when its output matches.
   *
   * @param {RegExp} pattern
   */
  async says(pattern, timeoutMs = 60_000) {
    await waitUntil(
      () => {
        const isSaid = pattern.test(this.output);
        if (!isSaid && !this.isAlive) {
          throw new Error(`${this.name} ended:\n${this.output.slice(-2_000)}`);
        }
        return isSaid;
      },
      timeoutMs,
      `${this.name} to say ${pattern.source}`,
    );
  }
}
