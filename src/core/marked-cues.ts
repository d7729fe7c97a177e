// Which cue spoke, told by the lowest bit of a map's value: a change of one in ten million, which no threshold notices,
// and no byte more on any wire.
import type { Cue } from './alert.ts';

const memory = new DataView(new ArrayBuffer(Float32Array.BYTES_PER_ELEMENT));

/** The value, its lowest bit set where motion contributed more than appearance. */
export const markCue = (value: number, isMotion: boolean): number => {
  memory.setFloat32(0, value);
  const bits = memory.getUint32(0);
  memory.setUint32(0, isMotion ? bits | 1 : bits & ~1);
  return memory.getFloat32(0);
};

export const markedCue = (value: number): Cue & ('appearance' | 'motion') => {
  memory.setFloat32(0, value);
  return (memory.getUint32(0) & 1) === 1 ? 'motion' : 'appearance';
};
