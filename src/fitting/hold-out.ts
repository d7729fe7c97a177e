// Which frames of the footage are kept from the fit to set the threshold: whole stretches, because
// neighbouring frames are nearly equal, spread over the footage, because it changes over time.

/** Of every this many frames… */
const PERIOD = 100;
/** …the last ones are held out. */
const HELD_OUT_OF_PERIOD = 20;

export const isHeldOut = (frameIndex: number): boolean =>
  frameIndex % PERIOD >= PERIOD - HELD_OUT_OF_PERIOD;

/** True for the first frame of a held-out stretch, where smoothing starts anew. */
export const startsHeldOutStretch = (heldOutIndex: number): boolean =>
  heldOutIndex % HELD_OUT_OF_PERIOD === 0;
