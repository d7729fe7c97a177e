// A made scene for tests: structure of many sizes, seen by a camera that may be moved, in light that may change.
import { FRAME_BYTES, FRAME_SIDE } from '../../../../src/core/frame.ts';
import { seededRandom } from '../../../../src/padim/maths/random.ts';

export interface View {
  readonly dx?: number;
  readonly dy?: number;
  /** Of the light at a place in pixels of the picture: factor. */
  readonly light?: (x: number, y: number) => number;
  readonly noise?: number;
  /** Draws over the scene: a level, or undefined where it shows. */
  readonly thing?: (x: number, y: number) => number | undefined;
}

const random = seededRandom(3);
/** From 200 to 4 pixels long, the longer the higher, as things of all sizes make them. */
const WAVES = Array.from({ length: 12 }, (_, index) => {
  const steep = 0.03 * 50 ** (index / 11);
  const angle = 7 * random();
  return {
    x: steep * Math.cos(angle),
    y: steep * Math.sin(angle),
    phase: 7 * random(),
    height: 3 / Math.sqrt(steep),
  };
});

const levelAt = (x: number, y: number): number => {
  let level = 110;
  for (const wave of WAVES) level += wave.height * Math.sin(wave.x * x + wave.y * y + wave.phase);
  return level;
};

/** One frame, rgb24: what the still camera sees at (x, y) is seen at (x + dx, y + dy). */
export const pictureOf = (view: View = {}): Uint8Array => {
  const { dx = 0, dy = 0, light = () => 1, noise = 0, thing = () => undefined } = view;
  const noisy = seededRandom(11);
  const pixels = new Uint8Array(FRAME_BYTES);
  for (let y = 0; y < FRAME_SIDE; y++) {
    for (let x = 0; x < FRAME_SIDE; x++) {
      const level = thing(x, y) ?? levelAt(x - dx, y - dy) * light(x, y);
      const value = Math.min(255, Math.max(0, level + noise * (noisy() - 0.5)));
      const at = 3 * (y * FRAME_SIDE + x);
      pixels[at] = pixels[at + 1] = pixels[at + 2] = Math.round(value);
    }
  }
  return pixels;
};
