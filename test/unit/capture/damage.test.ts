import { expect, it } from 'vitest';
import { Damage, damageOf } from '../../../src/capture/damage.ts';

const MISSED = '[rtsp @ 0x55] [warning] RTP: missed 3 packets';
const SLICE = '[h264 @ 0x55] [error] decode_slice_header error';

const show = (damage: Damage, timeMs: number, isKey: boolean, isBidirectional = false): boolean =>
  damage.sawFrame({ timeMs, isKey, isBidirectional, isChosen: true });

const play = (damage: Damage, fromMs: number, count: number, isKey = false): boolean[] =>
  Array.from({ length: count }, (_, index) => show(damage, fromMs + 100 * index, isKey));

it('a healthy stream has no damage, with key frames or without', () => {
  const damage = new Damage({ threadCount: 1 });
  expect(play(damage, 0, 100)).not.toContain(true);
});

it('from a message on everything is damaged, until a key frame that no message can be about', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.opened();
  play(damage, 0, 10);
  damage.read(MISSED);
  expect(play(damage, 1_000, 20)).not.toContain(false);
  expect(show(damage, 3_000, true)).toBe(false);
  expect(play(damage, 3_100, 20)).not.toContain(true);
});

it('a key frame shortly after a message may be the damaged one', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.opened();
  play(damage, 0, 10);
  damage.read(MISSED);
  show(damage, 1_000, false);
  expect(show(damage, 1_100, true)).toBe(true);
  expect(play(damage, 1_200, 20)).not.toContain(false);
  expect(show(damage, 4_000, true)).toBe(false);
});

it('what a decoder says of each picture built on a lost one is not about the key frame after them', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.opened();
  play(damage, 0, 10);
  for (let timeMs = 1_000; timeMs < 2_000; timeMs += 100) {
    damage.read(SLICE);
    expect(show(damage, timeMs, false)).toBe(true);
  }
  expect(show(damage, 2_000, true)).toBe(false);
  damage.read(SLICE);
  expect(show(damage, 3_000, true)).toBe(true);
});

it('where pictures are reordered, a message may be about one that is shown some pictures later', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.opened();
  show(damage, 0, false, true);
  damage.read(SLICE);
  play(damage, 100, 3);
  expect(show(damage, 400, true)).toBe(true);
});

it('whoever joins a stream in the middle gets it from its first key frame on', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.read(SLICE);
  damage.opened();
  damage.read(SLICE);
  expect(show(damage, 0, true)).toBe(false);
  expect(play(damage, 100, 10)).not.toContain(true);
});

it('a decoder that begins with another picture begins with damage', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.read(SLICE);
  expect(play(damage, 0, 10)).not.toContain(false);
  expect(show(damage, 1_000, true)).toBe(false);
});

it('what is lost while the stream is being probed may be of any frame of the first seconds', () => {
  const damage = new Damage({ threadCount: 1 });
  damage.read(MISSED);
  expect(play(damage, 0, 50, true)).not.toContain(false);
  expect(show(damage, 5_100, true)).toBe(false);
});

it.each([
  '[rtsp @ 0x55] [warning] RTP: missed 3 packets',
  '[hevc @ 0x55] [error] Could not find ref with POC 16',
  '[hevc @ 0x55] [error] The cu_qp_delta -30 is outside the valid range [-26, 25].',
  '[h264 @ 0x55] [error] error while decoding MB 14 5, bytestream -5',
  '[h264 @ 0x55] [info] concealing 1204 DC, 1204 AC, 1204 MV errors in P frame',
  '[mpegts @ 0x55] [warning] Packet corrupt (stream = 0, dts = 123).',
])('damage: %s', (line) => {
  expect(damageOf(line)).toBeDefined();
});

it.each([
  '[h264 @ 0x55] [error] mmco: unref short failure',
  '[mjpeg @ 0x55] [error] unable to decode APP fields: Invalid data found when processing input',
  '[hevc @ 0x55] [warning] SEI type 5 size 2048 truncated at 24',
  '[swscaler @ 0x55] [warning] deprecated pixel format used, make sure you did set range correctly',
  '[mpegts @ 0x55] [warning] DTS discontinuity in stream 0',
  '[info]   Stream #0:0: Video: h264 (High), yuv420p, 1920x1080, 25 fps',
])('no damage: %s', (line) => {
  expect(damageOf(line)).toBeUndefined();
});
