// The latest frame of a camera, for whoever looks: the gateway says which cameras are looked at, and only their
// frames are sent. Both are forgotten after a few seconds.
import { FRAME_BYTES } from '../core/frame.ts';
import { parseCameraId, type CameraId } from '../core/ids.ts';
import type { LatestFrame } from '../core/ports/live-state.ts';
import { stampField } from '../entries/fields.ts';
import { EntryError, parseJsonEntry } from '../entries/parse-entry.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

const WANTED_MS = 5_000;
const MOST_WANTED = 10_000;

export interface RedisFramesOptions {
  readonly link: RedisLink;
}

/** Says that the frame is looked at, and returns it if it is there. */
const LOOK = new RedisScript('look');

const WANTED = new RedisScript('wanted');

const SHOW = new RedisScript('show');

export class RedisFrames {
  readonly #link: RedisLink;

  constructor({ link }: RedisFramesOptions) {
    this.#link = link;
  }

  /** For the gateway: the frame, and that somebody wants the next ones. */
  async look(camera: CameraId): Promise<LatestFrame | undefined> {
    const keys = [this.#wanted(), this.#frame(camera)];
    const answer = await LOOK.run(this.#link, keys, [camera, WANTED_MS]);
    const [stamp, pixels] = answer as readonly (Buffer | null)[];
    if (stamp == null) return undefined;
    try {
      if (pixels?.length !== FRAME_BYTES) throw new EntryError('pixels is not one frame');
      return { stamp: parseJsonEntry(stampField, stamp, 'stamp'), pixels };
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      const key = this.#frame(camera);
      const found = { place: key, reason: error.message, entry: stamp };
      this.#link.setAside('frame', found, (client) => client.del(key));
      return undefined;
    }
  }

  /** For ingest: the cameras that are looked at. */
  async wanted(): Promise<ReadonlySet<CameraId>> {
    const answer = await WANTED.run(this.#link, [this.#wanted()], [MOST_WANTED]);
    const names = answer as readonly Buffer[];
    // Whatever else is wanted is of no camera, and forgotten with the others.
    return new Set(names.flatMap((name) => parseCameraId(name.toString('utf8')) ?? []));
  }

  async show(camera: CameraId, { stamp, pixels }: LatestFrame): Promise<void> {
    const args = [JSON.stringify(stamp), pixels, WANTED_MS];
    await SHOW.run(this.#link, [this.#frame(camera)], args);
  }

  #wanted(): string {
    return `${this.#link.prefix}:frames:wanted`;
  }

  #frame(camera: CameraId): string {
    return `${this.#link.prefix}:frames:${camera}`;
  }
}
