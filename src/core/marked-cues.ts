// Which cue spoke, told by the lowest bit of a map's value: a change of one in ten million, which no threshold notices,
// and no byte more on any wire.
import type { Cue } from './alert.ts';

const asNumber = new Float32Array(1);
const asBits = new Uint32Array(asNumber.buffer);

/** The value, its lowest bit set where motion contributed more than appearance. */
export const markCue = (value: number, isMotion: boolean): number => {
  asNumber[0] = value;
  asBits[0] = isMotion ? asBits[0]! | 1 : asBits[0]! & ~1;
  return asNumber[0];
};

export const markedCue = (value: number): Cue & ('appearance' | 'motion') => {
  asNumber[0] = value;
  return (asBits[0]! & 1) === 1 ? 'motion' : 'appearance';
};
