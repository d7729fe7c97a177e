// Spatial derivatives of the earlier frame, on which the inverse search is built.
import { COARSEST, FRAME, GRADIENT_X, GRADIENT_Y, imageStride, levelOrigin } from './layout';

/** Central differences I(x+1) - I(x-1) of every level: int16, 2 x 32 = 64 units per grey level and pixel. */
export function buildGradients(pyramid: i32): void {
  for (let width = FRAME; width >= COARSEST; width /= 2) {
    const stride = imageStride(width);
    for (let y = 0; y < width; y++) {
      let offset = levelOrigin(width) + y * stride;
      for (let x = 0; x < width; x += 8) {
        const at = pyramid + offset;
        v128.store(GRADIENT_X + offset, i16x8.sub(v128.load(at + 2), v128.load(at - 2)));
        v128.store(GRADIENT_Y + offset, i16x8.sub(v128.load(at + stride), v128.load(at - stride)));
        offset += 16;
      }
    }
  }
}
