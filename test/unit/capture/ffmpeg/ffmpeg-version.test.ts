import { describe, expect, it } from 'vitest';
import { ffmpegInstallCommand } from '../../../../src/capture/ffmpeg/ffmpeg-install.ts';
import {
  hasFpsMode,
  parseFfmpegVersion,
  rtspTimeoutOption,
} from '../../../../src/capture/ffmpeg/ffmpeg-version.ts';

const git = (libavformat: string): string =>
  `ffmpeg version N-109999-gabc Copyright\n  libavutil      59.  1.100\n  libavformat    ${libavformat}.100 / ${libavformat}.100\n`;

describe('parseFfmpegVersion', () => {
  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c)', { major: 5, minor: 1 }],
    ['ffmpeg version 4.2.2-static https://example.org', { major: 4, minor: 2 }],
    ['ffmpeg version n6.0 Copyright', { major: 6, minor: 0 }],
    ['ffmpeg version 10.0 Copyright', { major: 10, minor: 0 }],
    [git('58. 45'), { major: 4, minor: 0 }],
    [git('59. 16'), { major: 5, minor: 0 }],
    [git('59. 27'), { major: 5, minor: 1 }],
    [git('61.  7'), { major: 7, minor: 1 }],
    ['echo -version', undefined],
    ['', undefined],
  ])('%j', (text, version) => {
    expect(parseFfmpegVersion(text)).toEqual(version);
  });
});

it.each([
  [{ major: 4, minor: 4 }, '-stimeout', false],
  [{ major: 5, minor: 0 }, '-timeout', false],
  [{ major: 5, minor: 1 }, '-timeout', true],
  [{ major: 9, minor: 0 }, '-timeout', true],
] as const)('%o takes %s, -fps_mode %s', (version, timeout, fpsMode) => {
  expect([rtspTimeoutOption(version), hasFpsMode(version)]).toEqual([timeout, fpsMode]);
});

it.each([
  ['linux', 'NAME="Debian GNU/Linux"\nID=debian\n', 'sudo apt-get install -y ffmpeg'],
  ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'sudo apt-get install -y ffmpeg'],
  ['linux', 'ID="alpine"\n', 'sudo apk add ffmpeg'],
  ['linux', 'ID=fedora\n', 'sudo dnf install -y ffmpeg-free'],
  ['darwin', '', 'brew install ffmpeg'],
  ['linux', '', 'install ffmpeg 4 or newer from https://ffmpeg.org/download.html'],
])('on %s with %j: %s', (platform, osRelease, command) => {
  expect(ffmpegInstallCommand(platform, osRelease)).toBe(command);
});
