// The binary anomaly-map message: a 32-byte little-endian header, then one byte a cell.
import type { LiveMap } from '../core/ports/live-state.ts';

const MAGIC = 'PWM1';
export const MAP_HEADER_BYTES = 32;
/** Cells hold round(value / threshold × this), so 128 is "at the threshold" and 255 about twice it. */
export const CELLS_AT_THRESHOLD = 128;
const DTYPE_UINT8 = 0;

/**
 * Offset 0 magic "PWM1"; 4 u8 dtype (0 = uint8); 5 u8 reserved; 6 u16 side; 8 u16 camera index in `hello.cameras`;
 * 10 u16 reserved; 12 f32 threshold; 16 f64 capturedAtMs; 24 u64 frame sequence; 32 side × side cells, row-major.
 */
export const encodeMapMessage = (map: LiveMap, cameraIndex: number): Buffer => {
  const message = Buffer.alloc(MAP_HEADER_BYTES + map.values.length);
  message.write(MAGIC, 0, 'latin1');
  message.writeUInt8(DTYPE_UINT8, 4);
  message.writeUInt16LE(map.side, 6);
  message.writeUInt16LE(cameraIndex, 8);
  message.writeFloatLE(map.threshold, 12);
  message.writeDoubleLE(map.stamp.capturedAtMs, 16);
  message.writeBigUInt64LE(BigInt(map.stamp.sequence), 24);
  const scale = CELLS_AT_THRESHOLD / map.threshold;
  map.values.forEach((value, cell) => {
    message[MAP_HEADER_BYTES + cell] = Math.max(0, Math.min(255, Math.round(value * scale)));
  });
  return message;
};
