// The life of one scoring process: spawned, talked to over one pipe, watched, gone. However it ends (it exits, it can't
// be spawned, it has no pipe, it sends what can't be read, it says nothing for too long), that is told once.
import { fork, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

import { scorerEnvironment } from '../core/child-environment.ts';
import { toError } from '../core/errors.ts';
import { MessageReader, type Message } from './message-reader.ts';

export interface ScorerChildOptions {
  /** JavaScript file of the child. */
  readonly modulePath: string;
  /** Runs it, instead of the program that runs this. */
  readonly execPath?: string | undefined;
  /** Passed to the child as its one argument. */
  readonly settings: object;
  /** What it throws ends the child: it sent what can't be used. */
  readonly onMessage: (message: Message) => void;
  readonly onBadMessage: (error: Error) => void;
  /** It said nothing for so long, and is being killed. */
  readonly onHang: (silentMs: number) => void;
  /** Once. @param how in words, such as an exit code or why it could not be started */
  readonly onEnd: (how: string) => void;
}

export class ScorerChild {
  readonly #options: ScorerChildOptions;
  #process: ChildProcess | undefined;
  #pipe: Socket | undefined;
  #patienceMs: number | undefined;
  #patience: NodeJS.Timeout | undefined;
  #isOutOfStep = false;
  #hasEnded = false;

  constructor(options: ScorerChildOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Never throws: what goes wrong is an end like any other. */
  spawn(): void {
    const { modulePath, execPath, settings } = this.#options;
    try {
      this.#watch(
        fork(modulePath, [JSON.stringify(settings)], {
          stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
          env: scorerEnvironment(),
          ...(execPath === undefined ? {} : { execPath }),
        }),
      );
    } catch (error) {
      this.#end(toError(error).message);
    }
  }

  /** Something is to be heard of it within so long, again and again; undefined: nothing need be. */
  expect(patienceMs: number | undefined): void {
    this.#patienceMs = patienceMs;
    this.#waitAgain();
  }

  /** Parts are written as they are, without a copy. */
  send(parts: readonly Uint8Array[]): void {
    const pipe = this.#pipe;
    if (pipe === undefined) return;
    pipe.cork();
    for (const part of parts) pipe.write(part);
    pipe.uncork();
  }

  /** Closes the pipe, which asks it to end. */
  finish(): void {
    this.#pipe?.end();
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  #watch(child: ChildProcess): void {
    this.#process = child;
    // It may come without `exit`, where there is no process; and with one, where only a signal could not be sent.
    child.on('error', (error) => {
      if (child.pid === undefined) this.#end(error.message);
    });
    // After `exit`, when all that it wrote was read.
    child.once('close', (code, signal) => {
      this.#end(signal ?? `exit code ${code ?? 'unknown'}`);
    });
    // For want of descriptors it may have no streams at all.
    const pipe = (child.stdio as ChildProcess['stdio'] | undefined)?.[3];
    if (!(pipe instanceof Socket)) {
      child.kill('SIGKILL');
      return;
    }
    this.#pipe = pipe;
    const reader = new MessageReader();
    pipe.on('data', (chunk: Uint8Array) => {
      this.#read(reader, chunk);
    });
    // A broken pipe is the process's end seen from its pipe: `close` tells the story.
    pipe.on('error', () => undefined);
  }

  #read(reader: MessageReader, chunk: Uint8Array): void {
    if (this.#isOutOfStep) return;
    try {
      for (const message of reader.push(chunk)) {
        this.#waitAgain();
        this.#options.onMessage(message);
      }
    } catch (error) {
      this.#isOutOfStep = true;
      this.#options.onBadMessage(toError(error));
      this.kill();
    }
  }

  #waitAgain(): void {
    clearTimeout(this.#patience);
    const patienceMs = this.#patienceMs;
    if (patienceMs === undefined || this.#hasEnded) return;
    this.#patience = setTimeout(() => {
      this.#options.onHang(patienceMs);
      this.kill();
    }, patienceMs);
  }

  #end(how: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#patience);
    this.#options.onEnd(how);
  }
}
