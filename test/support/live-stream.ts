// A camera that streams MPEG-TS over HTTP without a length, made by ffmpeg as fast as it would come, which can be cut off.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LiveStreamOptions {
  /** ffmpeg's arguments before the encoder: what is shown. Default: a moving pattern, 10 frames a second. */
  readonly input?: readonly string[];
  /** Called for each request, from 1; a status is answered instead of the stream. */
  readonly refuse?: (request: number) => number | undefined;
  /** The first connection is cut off after so much of the stream. */
  readonly firstSeconds?: number;
}

const PATTERN = ['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10'];
const ENCODER = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ...['-g', '10', '-f', 'mpegts', 'pipe:1'],
];

export class LiveStream implements AsyncDisposable {
  readonly #options: LiveStreamOptions;
  readonly #children = new Set<ChildProcess>();
  readonly #responses = new Set<ServerResponse>();
  #server: Server | undefined;
  #port = 0;
  requestCount = 0;
  /** While true, connections are refused with 503. */
  isAway = false;

  constructor(options: LiveStreamOptions = {}) {
    this.#options = options;
  }

  /** The path ends as a file's does. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/live/yard.ts`;
  }

  async start(): Promise<this> {
    const server = createServer((_, response) => {
      this.#serve(response);
    });
    this.#server = server;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Breaks the connections that are open. */
  cut(): void {
    for (const response of this.#responses) response.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = [...this.#children].map((child) => once(child, 'exit'));
    this.isAway = true;
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(gone);
    this.#server?.closeAllConnections();
    if (this.#server !== undefined) await once(this.#server.close(), 'close');
  }

  #serve(response: ServerResponse): void {
    const { input = PATTERN, refuse, firstSeconds } = this.#options;
    this.requestCount += 1;
    const status = this.isAway ? 503 : refuse?.(this.requestCount);
    if (status !== undefined) {
      response.writeHead(status).end();
      return;
    }
    const limit =
      this.requestCount === 1 && firstSeconds !== undefined ? ['-t', String(firstSeconds)] : [];
    const child = spawn(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-re', ...input, ...limit, '-threads', '1', ...ENCODER],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    this.#children.add(child);
    this.#responses.add(response);
    child.once('exit', () => this.#children.delete(child));
    child.stdout.pipe(response, { end: false });
    child.stdout.once('end', () => response.destroy());
    response.once('close', () => {
      this.#responses.delete(response);
      child.kill('SIGKILL');
    });
  }
}
