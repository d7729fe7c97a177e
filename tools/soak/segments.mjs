// Segments of cameras that take turns, one frame each.
import { randomBytes } from 'node:crypto';

import { CAMERAS, PIXEL_BYTES, SCENE } from './setting.mjs';

/** @typedef {import('../../dist/core/frame.js').Segment} Segment */

export class Segments {
  #runId = randomBytes(4).toString('hex');
  #made = 0;

  /** @returns {Segment} */
  next() {
    const cameraId = CAMERAS[this.#made % CAMERAS.length];
    if (cameraId === undefined) throw new Error('no cameras');
    const sequence = Math.floor(this.#made / CAMERAS.length);
    this.#made += 1;
    const capturedAtMs = Date.now();
    return {
      id: `${cameraId}-${this.#runId}-${sequence}`,
      cameraId,
      sceneId: SCENE,
      stamps: [{ sequence, capturedAtMs, mediaTimeMs: sequence, steadyMs: performance.now() }],
      hasContext: false,
      pixels: new Uint8Array(PIXEL_BYTES),
    };
  }
}
