// Keeps the sockets of a server in bounds, whatever is at their other ends: how many there are, how many requests of
// one wait for their answers, how many bytes wait to be taken. What breaks a bound is cut off and counted; the others
// don't notice. No socket is without an `error` listener from the moment it is accepted.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';

/** Requests of one socket that may wait for earlier answers; browsers and libraries send one at a time. */
const MAX_PIPELINED = 8;
/** Sockets that have asked nothing yet: whoever means to ask does so at once. Few, as each may bring 64 KiB of requests. */
const MAX_SILENT = 64;
/** Bytes of answers made for one asker each, in all; an answer above it is refused until some were taken. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Nothing read nor taken for so long: the other end is gone, or means no good. */
const SILENCE_MS = 15_000;
/** Refusals are told so often at most; metrics count each. */
const TELL_EVERY_MS = 60_000;

type Refusal = 'full' | 'pipelined' | 'waiting' | 'malformed' | 'descriptors';

interface Guarded {
  /** Requests whose answers were not taken yet, and the bytes of those answers that are their own. */
  pending: number;
  waitingBytes: number;
}

export interface SocketGuardOptions {
  readonly maxSockets: number;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class SocketGuard {
  readonly #options: SocketGuardOptions;
  /** All that are open, in the order of arrival; those of them that asked nothing yet; those that were handed over. */
  readonly #sockets = new Map<Socket, Guarded>();
  readonly #silent = new Set<Socket>();
  readonly #handedOver = new Set<Socket>();
  #waitingBytes = 0;
  #lastToldMs = -Infinity;

  constructor(options: SocketGuardOptions) {
    this.#options = options;
  }

  /** Before the server listens. */
  watch(server: Server): void {
    server.headersTimeout = 10_000;
    server.requestTimeout = 10_000;
    server.keepAliveTimeout = 5_000;
    server.timeout = SILENCE_MS;
    server.maxHeadersCount = 100;
    server.on('connection', (socket: Socket) => {
      this.#accept(socket);
    });
    server.on('clientError', (_error, socket) => {
      this.#count('malformed', 'what was sent is not HTTP');
      socket.destroy();
    });
    // Accepting may fail later too; it is tried again by itself.
    server.on('error', (error) => {
      if (server.listening) this.#count('descriptors', error.message);
    });
  }

  /** False for a request too many: its socket is gone then. */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const guarded = this.#sockets.get(socket);
    if (guarded === undefined || socket.destroyed) return false;
    if (guarded.pending >= MAX_PIPELINED) {
      this.#refuse('pipelined', socket);
      return false;
    }
    guarded.pending += 1;
    this.#silent.delete(socket);
    response.once('finish', () => {
      guarded.pending -= 1;
    });
    return true;
  }

  /** Whether an answer that was made for one asker may wait to be taken; it is counted until it was. */
  mayWait({ socket }: IncomingMessage, response: ServerResponse, bytes: number): boolean {
    const guarded = this.#sockets.get(socket);
    if (bytes === 0 || guarded === undefined) return true;
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.#count('waiting', `${this.#waitingBytes} bytes wait to be taken`);
      return false;
    }
    this.#wait(guarded, bytes);
    response.once('finish', () => {
      if (this.#sockets.has(socket)) this.#wait(guarded, -bytes);
    });
    return true;
  }

  /** The socket speaks another protocol now, whose server keeps it in bounds. */
  handOver(socket: Socket): void {
    this.#silent.delete(socket);
    this.#handedOver.add(socket);
  }

  #accept(socket: Socket): void {
    // A reset closes too; that is all there is to do about it.
    socket.on('error', () => undefined);
    const guarded = { pending: 0, waitingBytes: 0 };
    this.#sockets.set(socket, guarded);
    this.#silent.add(socket);
    socket.once('close', () => {
      this.#wait(guarded, -guarded.waitingBytes);
      this.#sockets.delete(socket);
      this.#silent.delete(socket);
      this.#handedOver.delete(socket);
    });
    const [longestSilent] = this.#silent;
    const maxSilent = Math.min(MAX_SILENT, this.#options.maxSockets / 2);
    if (this.#silent.size > maxSilent && longestSilent !== undefined)
      this.#refuse('full', longestSilent);
    else if (this.#sockets.size > this.#options.maxSockets)
      this.#refuse('full', this.#leastNeeded() ?? socket);
  }

  #wait(guarded: Guarded, bytes: number): void {
    guarded.waitingBytes += bytes;
    this.#waitingBytes += bytes;
  }

  /** One that asks nothing now: never did, or did once; the oldest. */
  #leastNeeded(): Socket | undefined {
    const [silent] = this.#silent;
    if (silent !== undefined) return silent;
    for (const [socket, { pending }] of this.#sockets)
      if (pending === 0 && !this.#handedOver.has(socket)) return socket;
    return undefined;
  }

  #refuse(refusal: Refusal, socket: Socket): void {
    this.#count(refusal, `${this.#sockets.size} sockets are open`);
    // It closes later; a second refusal must not find it first again.
    this.#silent.delete(socket);
    socket.destroy();
  }

  #count(reason: Refusal, detail: string): void {
    const { logger, meter } = this.#options;
    meter.add('patchwatch_http_refused_total', { reason });
    const nowMs = performance.now();
    if (nowMs - this.#lastToldMs < TELL_EVERY_MS) return;
    this.#lastToldMs = nowMs;
    logger.warn('clients are cut off', { reason, detail });
  }
}
