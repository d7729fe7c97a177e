// Children of the run: started with their output kept, and none left behind whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

import { waitUntil } from './wait-until.mjs';

const children = new Set();

/** Kills whatever still runs. */
export const killAll = async () => {
  await Promise.all([...children].map((child) => child.end('SIGKILL')));
};

export class Child {
  #process;
  output = '';

  /** @param {{ name: string, command: string, args: string[], env?: object, cwd: string }} options */
  constructor({ name, command, args, env = {}, cwd }) {
    this.name = name;
    this.#process = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(`${cwd}/${name}.log`, { flags: 'a' });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-200_000);
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

  kill(signal) {
    this.#process.kill(signal);
  }

  async end(signal) {
    children.delete(this);
    if (!this.isAlive) return;
    const gone = once(this.#process, 'exit');
    this.kill('SIGCONT');
    this.kill(signal);
    await gone;
  }

  /** Resolves with the match. */
  async says(pattern, timeoutMs = 60_000) {
    let match;
    await waitUntil(
      () => {
        match = pattern.exec(this.output);
        if (match === null && !this.isAlive) {
          throw new Error(`${this.name} ended:\n${this.output.slice(-2_000)}`);
        }
        return match !== null;
      },
      timeoutMs,
      `${this.name} to say ${pattern}`,
    );
    return match;
  }
}
