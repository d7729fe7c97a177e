// Scene models on their way from the gateway to workers: each scene's current version, and the files by version.
// They travel in pieces, so that Redis never stands still for one.
import type { CameraId, SceneId } from '../core/ids.ts';
import type { RedisClient } from './redis-options.ts';
import type { RedisLink } from './redis-link.ts';

const PIECE_BYTES = 1024 * 1024;
/** A version that was replaced can still be fetched for this long. */
const REPLACED_EXPIRES_SECONDS = 600;
/** A piece-wise upload that broke off. */
const UPLOAD_EXPIRES_SECONDS = 600;

export interface RedisModelsOptions {
  readonly link: RedisLink;
}

export const sceneKey = (camera: CameraId, scene: SceneId): string => `${camera}/${scene}`;

export class RedisModels {
  readonly #options: RedisModelsOptions;

  constructor(options: RedisModelsOptions) {
    this.#options = options;
  }

  /** Current version of each scene, by `<camera>/<scene>`. */
  async versions(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.#ask((client) => client.hgetall(this.#current()))));
  }

  async has(version: string): Promise<boolean> {
    return (await this.#ask((client) => client.exists(this.#file(version)))) === 1;
  }

  /** The file first, then that it is current: who reads a version finds its file. */
  async publish(scene: string, version: string, bytes: Uint8Array): Promise<void> {
    if (!(await this.has(version))) await this.#upload(version, bytes);
    // It may have been on its way out, when a scene was rolled back to it.
    await this.#ask((client) => client.persist(this.#file(version)));
    const replaced = await this.#ask((client) => client.hget(this.#current(), scene));
    await this.#ask((client) => client.hset(this.#current(), scene, version));
    if (replaced !== null && replaced !== version) await this.#expire(replaced);
  }

  /** Undefined when the file is gone. The reader checks that its hash is the version. */
  async fetch(version: string): Promise<Uint8Array | undefined> {
    const key = this.#file(version);
    const size = await this.#ask((client) => client.strlen(key));
    if (size === 0) return undefined;
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += PIECE_BYTES) {
      const piece = await this.#ask((client) =>
        client.getrangeBuffer(key, at, at + PIECE_BYTES - 1),
      );
      if (at + piece.length > size) return undefined;
      bytes.set(piece, at);
    }
    return bytes;
  }

  async #upload(version: string, bytes: Uint8Array): Promise<void> {
    const partial = `${this.#file(version)}:partial`;
    await this.#ask((client) => client.del(partial));
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await this.#ask((client) =>
        client.append(partial, Buffer.from(bytes.subarray(at, at + PIECE_BYTES))),
      );
      if (at === 0) await this.#ask((client) => client.expire(partial, UPLOAD_EXPIRES_SECONDS));
    }
    await this.#ask((client) => client.rename(partial, this.#file(version)));
  }

  async #expire(version: string): Promise<void> {
    const inUse = new Set((await this.versions()).values());
    if (!inUse.has(version))
      await this.#ask((client) => client.expire(this.#file(version), REPLACED_EXPIRES_SECONDS));
  }

  #ask<Answer>(question: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    const { link } = this.#options;
    return link.ask(() => question(link.commands));
  }

  #current(): string {
    return `${this.#options.link.prefix}:models:current`;
  }

  #file(version: string): string {
    return `${this.#options.link.prefix}:models:${version}`;
  }
}
