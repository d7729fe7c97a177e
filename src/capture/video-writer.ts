// Encodes frames to an H.264 file with ffmpeg, back-pressure included. The file appears whole under its name, or not
// at all.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';
import { FRAME_SIDE } from '../core/frame.ts';
import { childEnvironment } from '../core/child-environment.ts';
import { guardChild } from './ffmpeg/child-exit-guard.ts';
import type { FfmpegBinary } from './ffmpeg/ffmpeg-binary.ts';
import { StderrRing } from './ffmpeg/stderr-ring.ts';

/** Side of the picture in the file: frames are small. */
const OUTPUT_SIDE = 512;

export interface VideoWriterOptions {
  readonly ffmpeg: FfmpegBinary;
  readonly path: string;
  readonly fps: number;
}

export class VideoWriter {
  readonly #options: VideoWriterOptions;
  readonly #log = new StderrRing({ maxLines: 5, maxLineChars: 500, secrets: [] });
  #child: ChildProcess | undefined;
  #exit: Promise<number | null> = Promise.resolve(0);

  constructor(options: VideoWriterOptions) {
    this.#options = options;
  }

  /** @throws PatchwatchError FFMPEG_MISSING */
  async start(): Promise<void> {
    const { ffmpeg, fps } = this.#options;
    await ffmpeg.version();
    const child = spawn(
      ffmpeg.path,
      [
        ...[
          '-hide_banner',
          '-nostdin',
          '-loglevel',
          'error',
          '-y',
          '-protocol_whitelist',
          'pipe,file',
        ],
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-video_size', `${FRAME_SIDE}x${FRAME_SIDE}`],
        ...['-framerate', String(fps), '-i', 'pipe:0'],
        ...['-vf', `scale=${OUTPUT_SIDE}:${OUTPUT_SIDE}:flags=bicubic`, '-c:v', 'libx264'],
        ...['-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
        ...['-f', 'mp4', `file:${this.#partial}`],
      ],
      { stdio: ['pipe', 'ignore', 'pipe'], env: childEnvironment() },
    );
    // For want of descriptors it may have no streams at all.
    if (child.pid === undefined) throw this.#failed(await spawnFailure(child));
    const unguard = guardChild(child);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log.push(chunk.toString('utf8'));
    });
    // A broken pipe is told by the exit code and the log.
    child.stdin.on('error', () => undefined);
    this.#exit = new Promise((resolve) => {
      child.once('close', (code) => {
        unguard();
        resolve(code);
      });
    });
    // A signal that can't be sent: the child is gone, and `close` says so.
    child.on('error', () => undefined);
    this.#child = child;
  }

  /** `pixels`: one frame of rgb24, free to be reused once the promise resolves. */
  async write(pixels: Uint8Array): Promise<void> {
    const stdin = this.#child?.stdin;
    if (stdin?.writable !== true) throw await this.#failure();
    await new Promise<void>((resolve, reject) => {
      stdin.write(pixels, (error) => {
        if (error) reject(toError(error));
        else resolve();
      });
    }).catch(async () => {
      throw await this.#failure();
    });
  }

  /** @throws PatchwatchError STORAGE_FAILED */
  async finish(): Promise<void> {
    this.#child?.stdin?.end();
    if ((await this.#exit) !== 0) throw await this.#failure();
    await rename(this.#partial, this.#options.path).catch((cause: unknown) => {
      throw this.#failed(systemErrorCode(cause) ?? 'unknown error', cause);
    });
  }

  /** Leaves nothing behind; after `finish` it does nothing. */
  async discard(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    await rm(this.#partial, { force: true });
  }

  get #partial(): string {
    return `${this.#options.path}.partial`;
  }

  async #failure(): Promise<PatchwatchError> {
    await this.#exit;
    return this.#failed(this.#log.lines().at(-1) ?? 'ffmpeg ended early');
  }

  #failed(why: string, cause?: unknown): PatchwatchError {
    return new PatchwatchError(
      'STORAGE_FAILED',
      `can't write ${this.#options.path} (${why}): check its folder, the free space, and that ffmpeg has libx264`,
      { cause },
    );
  }
}

const spawnFailure = async (child: ChildProcess): Promise<string> =>
  toError((await once(child, 'error'))[0]).message;
