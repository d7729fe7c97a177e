import { describe, expect, it } from 'vitest';
import { DECODE_ALL, largestLowres, type Decoding } from '../../../../src/capture/decoding.ts';
import { ffmpegArgs, type FfmpegInput } from '../../../../src/capture/ffmpeg/ffmpeg-args.ts';
import type { FfmpegVersion } from '../../../../src/capture/ffmpeg/ffmpeg-version.ts';

const V5: FfmpegVersion = { major: 5, minor: 1 };

const argsOf = (
  input: FfmpegInput,
  version = V5,
  fps: number | 'all' = 5,
  decoding: Decoding = DECODE_ALL,
): string[] => ffmpegArgs({ input, version, fps, threadCount: 1, decoding, ioTimeoutMs: 19_000 });

/** The value after an option, undefined where the option is absent. */
const after = (args: string[], option: string): string | undefined => {
  const index = args.indexOf(option);
  return index < 0 ? undefined : args[index + 1];
};

const file: FfmpegInput = { kind: 'file', path: '/clip.mp4', isPaced: false };
const folder: FfmpegInput = { kind: 'folder', framesPerSecond: 10, isPaced: false };
const rtsp: FfmpegInput = { kind: 'rtsp', url: 'rtsp://cam/1', transport: 'tcp' };
const http: FfmpegInput = {
  kind: 'http',
  url: 'http://cam/v',
  isPaced: false,
  arrivalStartMs: 1_700_000_000_000,
};
const device: FfmpegInput = { kind: 'device', path: '/dev/video0' };

it('a whole command line', () => {
  expect(argsOf(file).join(' ')).toBe(
    '-hide_banner -nostdin -nostats -loglevel repeat+level+info -filter_threads 1 -threads 1 -reinit_filter 0 -max_pixels 67108864 ' +
      '-protocol_whitelist file -i file:/clip.mp4 -map 0:v:0 ' +
      "-vf settb=1/1000,select='st(2,if(isnan(prev_selected_t)+gt(abs(t-ld(0)),2/5),st(0,t+1/5);1," +
      'if(gte(t,ld(0)-0.25/5),st(0,ld(0)+1/5);1,0)));st(1,if(isnan(pts),ld(1),pts));' +
      "print(8*ld(1)+4*eq(pict_type,B)+2*gt(key,0)+ld(2),24);ld(2)'," +
      'scale=256:256:flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24 ' +
      '-fps_mode passthrough -c:v rawvideo -pix_fmt rgb24 -flush_packets 1 -f rawvideo pipe:1',
  );
});

describe.each([
  [{ major: 4, minor: 4 }, '-stimeout', '-vsync'],
  [{ major: 5, minor: 0 }, '-timeout', '-vsync'],
  [{ major: 6, minor: 1 }, '-timeout', '-fps_mode'],
  [{ major: 7, minor: 0 }, '-timeout', '-fps_mode'],
  [{ major: 9, minor: 0 }, '-timeout', '-fps_mode'],
] as const)('version %o', (version, timeout, frameMode) => {
  it.each([file, folder, rtsp, http, device])('$kind', (input) => {
    const args = argsOf(input, version);
    expect(after(args, frameMode)).toBe('passthrough');
    expect(args.filter((arg) => arg === '-vsync' || arg === '-fps_mode')).toHaveLength(1);
    expect(args.at(-1)).toBe('pipe:1');
    const timeouts = args.filter((arg) => /^-s?timeout$/.test(arg));
    expect(timeouts).toEqual(input.kind === 'rtsp' ? [timeout] : []);
    if (input.kind === 'rtsp') expect(after(args, timeout)).toBe('19000000');
  });
});

it.each([
  [file, 'file'],
  [folder, 'file,pipe'],
  [rtsp, 'rtp,udp,tcp,tls'],
  [http, 'http,https,tls,tcp,crypto'],
  [device, undefined],
] as const)('$kind may use its own protocols only', (input, protocols) => {
  expect(after(argsOf(input), '-protocol_whitelist')).toBe(protocols);
});

it('RTSP takes the transport asked for, and a larger buffer for UDP', () => {
  const udp = argsOf({ ...rtsp, transport: 'udp' });
  expect([after(argsOf(rtsp), '-rtsp_transport'), after(udp, '-rtsp_transport')]).toEqual([
    'tcp',
    'udp',
  ]);
  expect([after(argsOf(rtsp), '-buffer_size'), after(udp, '-buffer_size')]).toEqual([
    undefined,
    '2097152',
  ]);
});

it('cameras are timed by arrival, recordings by themselves', () => {
  const recording: FfmpegInput = { kind: 'http', url: 'http://host/clip.mp4', isPaced: false };
  const byArrival = (input: FfmpegInput): boolean =>
    /use_wallclock_as_timestamps|RTCTIME/.test(argsOf(input).join(' '));
  expect([rtsp, http, recording, file, folder].map(byArrival)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(after(argsOf(http), '-vf')).toMatch(/^settb=1\/1000,setpts=RTCTIME\/1000-1700000000000,/);
});

it('pacing is by the demuxer for files and by a filter for folders, whose list has its own pace', () => {
  expect(argsOf({ ...file, isPaced: true })).toContain('-re');
  expect(argsOf({ ...http, isPaced: true })).toContain('-re');
  const paced = argsOf({ ...folder, isPaced: true });
  expect(paced).not.toContain('-re');
  expect(after(paced, '-vf')).toMatch(/setpts=round\(PTS\/10\),realtime,/);
  expect(argsOf(file)).not.toContain('-re');
});

it('every frame is passed on where no rate is asked for', () => {
  expect(after(argsOf(file, V5, 'all'), '-vf')).toMatch(/select='st\(2,1\);/);
});

it.each([
  [{ frames: 'all', lowres: 0 }, ''],
  [{ frames: 'reference', lowres: 0 }, '-skip_frame noref'],
  [{ frames: 'key', lowres: 0 }, '-skip_frame nokey'],
  [{ frames: 'all', lowres: 2 }, '-lowres 2'],
  [{ frames: 'key', lowres: 3 }, '-skip_frame nokey -lowres 3'],
] as const)('what is decoded: %o', (decoding, expected) => {
  for (const input of [file, folder, rtsp, http, device]) {
    const args = argsOf(input, V5, 5, decoding);
    const beforeInput = args.slice(0, args.indexOf('-i'));
    const from = beforeInput.indexOf('-threads') + 2;
    const count = expected === '' ? 0 : expected.split(' ').length;
    expect(beforeInput.slice(from, from + count).join(' ')).toBe(expected);
    expect(args.filter((arg) => arg === '-skip_frame' || arg === '-lowres')).toHaveLength(
      count / 2,
    );
  }
});

it('a codec that can’t decode at a lower resolution says so', () => {
  const line =
    '[h264 @ 0x1] [warning] The maximum value for lowres supported by the decoder is 0\n';
  expect(largestLowres(line)).toBe(0);
  expect(largestLowres('[warning] something else')).toBeUndefined();
});
