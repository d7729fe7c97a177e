// How a still becomes a frame where a protocol wants more than a plain resize: turned and cropped.
import { FRAME_SIDE } from '../core/frame.ts';

/** MVTec's protocol resizes to 256 and keeps 224: the same part of a picture resized to this and cut to 256. */
export const RESIZED_SIDE = Math.round((FRAME_SIDE * 256) / 224);
const ROOM = RESIZED_SIDE - FRAME_SIDE;
const LARGEST_TURN_DEGREES = 10;

/** The picture resized to RESIZED_SIDE squared, turned about its centre, and cut to FRAME_SIDE squared. */
export interface StillGeometry {
  /** Clockwise; what comes in at the corners is black. */
  readonly angleDegrees: number;
  /** Of the cut, 0 … RESIZED_SIDE − FRAME_SIDE. */
  readonly left: number;
  readonly top: number;
}

export const CENTRE_CROP: StillGeometry = {
  angleDegrees: 0,
  left: Math.floor(ROOM / 2),
  top: Math.floor(ROOM / 2),
};

/** Rd-MVTec AD (PaDiM, section 4.1): up to 10° either way, a random crop. `random`: numbers in [0, 1). */
export const drawGeometry = (random: () => number): StillGeometry => ({
  angleDegrees: (2 * random() - 1) * LARGEST_TURN_DEGREES,
  left: Math.floor(random() * (ROOM + 1)),
  top: Math.floor(random() * (ROOM + 1)),
});
