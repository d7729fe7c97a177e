// Tells a colour picture from an infrared one, which is grey but for noise.

/** Every this many pixels is looked at: 4,096 of 65,536. */
const STEP_PIXELS = 16;

/** Mean of (max − min) over the channels of a pixel, 0..255. `pixels`: rgb24. */
export const colourSaturation = (pixels: Uint8Array): number => {
  let sum = 0;
  let count = 0;
  for (let at = 0; at + 2 < pixels.length; at += STEP_PIXELS * 3) {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    sum += Math.max(red, green, blue) - Math.min(red, green, blue);
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
};
