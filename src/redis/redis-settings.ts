// Which Redis, and how to get in: the part of the configuration that connections are made from.

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export type RedisEndpoint =
  | {
      readonly kind: 'single';
      /** `redis://` or `rediss://` (TLS); may hold credentials: redactUrl before it is shown. */
      readonly url: string;
    }
  | {
      readonly kind: 'sentinel';
      readonly nodes: readonly RedisNode[];
      /** Name of the monitored master. */
      readonly name: string;
      /** Of the sentinels themselves. */
      readonly password: string | undefined;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] };

export interface RedisTls {
  /** Absolute paths; without an authority the system's are used. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

export interface RedisSettings {
  readonly endpoint: RedisEndpoint;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Undefined: no TLS, unless the address begins with `rediss://`. */
  readonly tls: RedisTls | undefined;
  /** Several installations share one Redis under different names. */
  readonly namespace: string;
}
