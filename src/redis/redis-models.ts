// Scene models on their way from the gateway to workers: each scene's current version, and the files by version.
// They travel in pieces, so that Redis never stands still for one.
import { createHash } from 'node:crypto';

import { parseCameraId, parseSceneId, type CameraId, type SceneId } from '../core/ids.ts';
import type { RedisClient } from './redis-options.ts';
import type { RedisLink } from './redis-link.ts';

const PIECE_BYTES = 1024 * 1024;
/** A version that was replaced can still be fetched for this long. */
const REPLACED_EXPIRES_SECONDS = 600;
/** A piece-wise upload that broke off. */
const UPLOAD_EXPIRES_SECONDS = 600;
/** No scene model comes near it. */
const MOST_BYTES = 256 * 1024 * 1024;
const VERSION = /^[0-9a-f]{64}$/;

export interface RedisModelsOptions {
  readonly link: RedisLink;
}

export const sceneKey = (camera: CameraId, scene: SceneId): string => `${camera}/${scene}`;

const isSceneKey = (key: string): boolean => {
  const [camera = '', scene = '', ...more] = key.split('/');
  return (
    more.length === 0 && parseCameraId(camera) !== undefined && parseSceneId(scene) !== undefined
  );
};

export class RedisModels {
  readonly #options: RedisModelsOptions;

  constructor(options: RedisModelsOptions) {
    this.#options = options;
  }

  /** Current version of each scene, by `<camera>/<scene>`. */
  async versions(): Promise<ReadonlyMap<string, string>> {
    const fields = await this.#ask((client) => client.hgetall(this.#current()));
    const entries = Object.entries(fields);
    const [good, bad] = [new Map<string, string>(), new Map<string, string>()];
    for (const [scene, version] of entries)
      (isSceneKey(scene) && VERSION.test(version) ? good : bad).set(scene, version);
    for (const [scene, version] of bad) {
      const found = { place: `${this.#current()} ${scene}`, reason: 'it names no scene’s model' };
      this.#options.link.setAside('model', { ...found, entry: Buffer.from(version) }, (client) =>
        client.hdel(this.#current(), scene),
      );
    }
    return good;
  }

  async has(version: string): Promise<boolean> {
    return (await this.#ask((client) => client.type(this.#file(version)))) === 'string';
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

  /** Undefined when the file is gone, or was another: then it is taken away, and the gateway publishes it again. */
  async fetch(version: string): Promise<Uint8Array | undefined> {
    if (!(await this.has(version))) return undefined;
    const bytes = await this.#read(version);
    if (bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === version)
      return bytes;
    const key = this.#file(version);
    const found = { place: key, reason: 'its checksum is not its name' };
    this.#options.link.setAside('model', found, (client) => client.del(key));
    return undefined;
  }

  async #read(version: string): Promise<Uint8Array | undefined> {
    const key = this.#file(version);
    const size = await this.#ask((client) => client.strlen(key));
    if (size === 0 || size > MOST_BYTES) return undefined;
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
