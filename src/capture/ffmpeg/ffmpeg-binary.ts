// The ffmpeg executable: where it is and, asked once, which version. One instance per path is
// shared by all cameras, so that a hundred cameras ask once.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { PatchwatchError, systemErrorCode } from '../../core/errors.ts';
import { childEnvironment } from '../../core/child-environment.ts';
import { ffmpegInstallCommand } from './ffmpeg-install.ts';
import { OLDEST_MAJOR, parseFfmpegVersion, type FfmpegVersion } from './ffmpeg-version.ts';

/** From a cold disk on a small board it takes its time. */
const PROBE_TIMEOUT_MS = 30_000;

export class FfmpegBinary {
  /** A path, or a name looked up in PATH. */
  readonly path: string;
  #version: Promise<FfmpegVersion> | undefined;

  constructor(options: { readonly path: string }) {
    this.path = options.path;
  }

  /** Throws FFMPEG_MISSING when there is none, it does not run, or it is too old. */
  version(): Promise<FfmpegVersion> {
    this.#version ??= this.#probe().catch((error: unknown) => {
      // A failure is not kept: ffmpeg may be installed while the daemon waits.
      this.#version = undefined;
      throw error;
    });
    return this.#version;
  }

  async #probe(): Promise<FfmpegVersion> {
    const text = await this.#versionText();
    const version = parseFfmpegVersion(text);
    if (version === undefined) throw await this.#missing('is not ffmpeg');
    if (version.major < OLDEST_MAJOR) {
      throw await this.#missing(`is version ${version.major}.${version.minor}, too old`);
    }
    return version;
  }

  async #versionText(): Promise<string> {
    try {
      const run = promisify(execFile);
      const { stdout } = await run(this.path, ['-version'], {
        timeout: PROBE_TIMEOUT_MS,
        killSignal: 'SIGKILL',
        env: childEnvironment(),
      });
      return stdout;
    } catch (cause) {
      const code = systemErrorCode(cause);
      const problem =
        code === 'ENOENT'
          ? 'was not found'
          : code === 'EACCES'
            ? 'may not be executed'
            : 'does not run';
      throw await this.#missing(problem, cause);
    }
  }

  async #missing(problem: string, cause?: unknown): Promise<PatchwatchError> {
    const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
    const remedy = ffmpegInstallCommand(process.platform, osRelease);
    return new PatchwatchError(
      'FFMPEG_MISSING',
      `ffmpeg ("${this.path}") ${problem}; version ${OLDEST_MAJOR} or newer is needed, install it with: ${remedy}`,
      { cause },
    );
  }
}
