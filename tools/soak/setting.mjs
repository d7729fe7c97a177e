// What all parts of the accelerated soak agree on.
import { cameraId, sceneId } from '../../dist/core/ids.js';

export const CAMERAS = Array.from({ length: 8 }, (_, index) => cameraId(`camera${index}`));
export const SCENE = sceneId('default');

/** Of a segment: queues don't care for more, and what is kept of them shows. Beyond what V8 keeps in its heap. */
export const PIXEL_BYTES = 1_024;
export const MAP_SIDE = 4;

/** Small, so that most of what costs once a batch is seen; and takers find some, and wait for more. */
export const BATCH = { frames: 4, waitMs: 2 };
/** Segments offered and not settled, at most: less than two batches, so that one waits to fill up. */
export const MOST_UNDER_WAY = 7;

/** Every camera has one alert in so many frames, of so many frames. */
export const ALERT_EVERY = 200;
export const ALERT_FRAMES = 5;

/** @typedef {'all-in-one' | 'ingest' | 'worker' | 'gateway'} Role */

/** @type {readonly Role[]} */
export const ROLES = ['all-in-one', 'ingest', 'worker', 'gateway'];

/**
 * What the parent asks of a part.
 *
 * @typedef {object} PartSetting
 * @property {Role} role
 * @property {string} redisUrl empty where none is needed
 * @property {string} folder for what it writes
 */

/**
 * `load`: offers so many segments, or for so many milliseconds, and waits until all have ended. `counts`: what it did
 * so far. `usage`: what it holds now. `stop`: it ends.
 *
 * @typedef {{ readonly ask: 'load', readonly amount: number } | { readonly ask: 'counts' | 'usage' | 'stop' }} Question
 */

/** @typedef {{ readonly segments: number, readonly dropped: number }} Counts */

/**
 * @typedef {object} Part
 * @property {((amount: number) => Promise<void>)} [load]
 * @property {() => Counts} counts
 * @property {() => Promise<void>} end
 */
