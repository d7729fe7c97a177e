// Who may talk to us: the token, compared in constant time; and, for browsers, which pages may (a page of
// another site must not reach a daemon on loopback through its visitor's browser).
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface AccessOptions {
  readonly authToken: string | undefined;
  readonly allowedOrigins: readonly string[];
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

const hostName = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

export class Access {
  readonly #tokenDigest: Buffer | undefined;
  readonly #allowedOrigins: ReadonlySet<string>;

  constructor(options: AccessOptions) {
    this.#tokenDigest = options.authToken === undefined ? undefined : digest(options.authToken);
    this.#allowedOrigins = new Set(options.allowedOrigins);
  }

  get needsToken(): boolean {
    return this.#tokenDigest !== undefined;
  }

  isTokenRight(token: string | undefined): boolean {
    if (this.#tokenDigest === undefined) return true;
    return token !== undefined && timingSafeEqual(digest(token), this.#tokenDigest);
  }

  /** `Authorization: Bearer …`, or `?token=…` for what a browser loads by address. */
  isRequestAllowed(request: IncomingMessage, url: URL): boolean {
    const bearer = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    return this.isTokenRight(bearer ?? url.searchParams.get('token') ?? undefined);
  }

  /**
   * Without a token the daemon listens on loopback: then the Host header must name it too, or a foreign name
   * that resolves to loopback (DNS rebinding) would make us another site's own server.
   */
  isHostAllowed(request: IncomingMessage): boolean {
    return this.needsToken || LOOPBACK_NAMES.has(hostName(request.headers.host ?? ''));
  }

  /** Browsers send Origin; programs don't. Ours is the one that the page was loaded from. */
  isOriginAllowed(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined || this.#allowedOrigins.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }
}
