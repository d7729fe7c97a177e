// Frames as JPEG for pages: encoded once per frame, however many look at it.
import sharp from 'sharp';

import { FRAME_SIDE } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { LatestFrame } from '../core/ports/live-state.ts';

const QUALITY = 80;

/** `pixels`: one frame, rgb24. */
export const encodeJpeg = (pixels: Uint8Array): Promise<Buffer> =>
  sharp(pixels, { raw: { width: FRAME_SIDE, height: FRAME_SIDE, channels: 3 } })
    .jpeg({ quality: QUALITY })
    .toBuffer();

export class FrameImages {
  readonly #latest = new Map<CameraId, { capturedAtMs: number; jpeg: Promise<Buffer> }>();

  start(): void {
    // Inference needs the cores more than pictures do, and pictures never repeat.
    sharp.concurrency(1);
    sharp.cache(false);
  }

  jpeg(camera: CameraId, frame: LatestFrame): Promise<Buffer> {
    const cached = this.#latest.get(camera);
    if (cached?.capturedAtMs === frame.stamp.capturedAtMs) return cached.jpeg;
    const jpeg = encodeJpeg(Buffer.from(frame.pixels));
    this.#latest.set(camera, { capturedAtMs: frame.stamp.capturedAtMs, jpeg });
    return jpeg;
  }
}
