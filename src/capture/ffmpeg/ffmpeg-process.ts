// One ffmpeg child from spawn to exit: no shell, pixels pumped with back-pressure, TERM and then KILL
// when told to stop. Knows nothing of frames or of why ffmpeg failed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { PatchwatchError, toError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { ChunkPump } from '../chunk-pump.ts';
import { childEnvironment } from '../../core/child-environment.ts';
import { guardChild } from './child-exit-guard.ts';

export interface FfmpegProcessOptions {
  readonly path: string;
  readonly args: readonly string[];
  /** Written to the child's stdin, which is then closed. */
  readonly stdinText?: string;
  readonly clock: Clock;
  /** From TERM to KILL. */
  readonly killGraceMs: number;
  /** stdout; a returned promise pauses it. */
  readonly onPixels: (chunk: Buffer) => void | Promise<void>;
  /** stderr, in pieces. What it throws ends the run, as an error of the pixels' consumer does. */
  readonly onLog: (text: string) => void;
  readonly onLogEnd: () => void;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class FfmpegProcess {
  readonly #options: FfmpegProcessOptions;

  constructor(options: FfmpegProcessOptions) {
    this.#options = options;
  }

  /**
   * Spawns the child and resolves once it is gone and all its pixels are consumed, or, after the
   * signal aborts, once it is gone. Rejects with FFMPEG_MISSING when it can't be spawned, and with
   * the consumer's error.
   */
  async run(signal: AbortSignal): Promise<ExitStatus> {
    const child = await this.#spawn();
    const unguard = guardChild(child);
    const gone = exitOf(child);
    const pump = new ChunkPump({
      stream: child.stdio[1] as Readable,
      consume: this.#options.onPixels,
    });
    const discard = (): void => {
      for (const stream of child.stdio) stream?.destroy();
    };
    const stop = (): void => {
      // First, because a child blocked in writing pixels would never come round to the signal.
      pump.stop();
      this.#terminate(child, gone);
      void gone.then(discard);
    };
    const logged = this.#connectText(child).catch(async (error: unknown) => {
      stop();
      await gone;
      throw error;
    });
    const pumped = pump.run().catch(async (error: unknown) => {
      stop();
      await gone;
      throw error;
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const [status] = await Promise.all([gone, pumped, logged]);
      return status;
    } finally {
      signal.removeEventListener('abort', stop);
      unguard();
      discard();
    }
  }

  /** Some failures are thrown and some come as an event; a child without pid never ran. */
  async #spawn(): Promise<ChildProcess> {
    const { path, args, stdinText } = this.#options;
    const stdin = stdinText === undefined ? 'ignore' : 'pipe';
    try {
      const child = spawn(path, args, {
        stdio: [stdin, 'pipe', 'pipe'],
        env: childEnvironment(),
      });
      if (child.pid === undefined) throw toError((await once(child, 'error'))[0]);
      return child;
    } catch (cause) {
      throw this.#notStarted(cause);
    }
  }

  #notStarted(cause: unknown): PatchwatchError {
    return new PatchwatchError(
      'FFMPEG_MISSING',
      `cannot start ffmpeg ("${this.#options.path}"): ${toError(cause).message}; ` +
        'check that it is still installed and that the machine has processes, memory and file descriptors left',
      { cause },
    );
  }

  /** Resolves when the child's log has been read to its end; rejects with what its reader threw. */
  #connectText(child: ChildProcess): Promise<void> {
    const { stdinText, onLog, onLogEnd } = this.#options;
    // A child that fails before it has read its input closes the pipe: not an error of its own.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdinText);
    const log = child.stdio[2] as Readable;
    const decoder = new StringDecoder('utf8');
    return new Promise((resolve, reject) => {
      // A listener that throws would end the whole process.
      const guarded = (act: () => void): void => {
        try {
          act();
        } catch (error) {
          reject(toError(error));
        }
      };
      log.on('data', (chunk: Buffer) => guarded(() => onLog(decoder.write(chunk))));
      // Torn down with the child; its exit status tells why.
      log.on('error', () => undefined);
      log.once('close', () => {
        guarded(onLogEnd);
        resolve();
      });
    });
  }

  #terminate(child: ChildProcess, gone: Promise<ExitStatus>): void {
    child.kill('SIGTERM');
    const exited = new AbortController();
    void gone.then(() => exited.abort());
    this.#options.clock.sleep(this.#options.killGraceMs, exited.signal).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
  }
}

const exitOf = (child: ChildProcess): Promise<ExitStatus> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // A signal that can't be sent: the child is gone, and `exit` says so.
    child.on('error', () => undefined);
  });
