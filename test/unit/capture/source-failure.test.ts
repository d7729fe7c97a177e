import { expect, it } from 'vitest';
import { lastUsefulLine, sourceFailure } from '../../../src/capture/source-failure.ts';

const TAG = '[rtsp @ 0x55d0c0de] ';

it.each([
  [
    `${TAG}[error] method DESCRIBE failed: 401 Unauthorized`,
    /refused the user or password \(401\)/,
  ],
  ['[error] rtsp://***@cam/1: Server returned 403 Forbidden (access denied)', /forbids access/],
  [`${TAG}[error] method DESCRIBE failed: 404 Stream Not Found`, /no such stream \(404\)/],
  [`${TAG}[error] method SETUP failed: 461 Unsupported Transport`, /this RTSP transport/],
  ['[tcp @ 0x1] [error] Connection to tcp://cam:554 failed: Connection refused', /switched on/],
  ['[error] rtsp://cam/1: No route to host', /unreachable/],
  [`${TAG}[error] Failed to resolve hostname cam: Name or service not known`, /host name/],
  ['[error] rtsp://cam/1: Connection timed out', /did not answer in time/],
  ['[mov,mp4 @ 0x1] [error] moov atom not found', /truncated or still being written/],
  ["[fatal] Stream map '0:v:0' matches no streams.", /no video in it/],
  ['[video4linux2,v4l2 @ 0x1] [fatal] ioctl(X): Device or resource busy', /another program/],
  ['[error] /dev/video0: Permission denied', /group video/],
  ["[fatal] Unrecognized option 'fps_mode'.", /does not know an option/],
  ['[error] /clip.mp4: Invalid data found when processing input', /not a video/],
  ['[error] http://cam/1: Invalid data found when processing input', /not a video/],
  ['[error] rtsp://cam/1: Invalid data found when processing input', /no answer in RTSP/],
  ['[error] rtsps://***@cam/1: Input/output error', /made no TLS connection/],
  ['[error] http://cam/1: End of file', /closed the connection without an answer/],
])('%s', (line, message) => {
  const failure = sourceFailure('camera', [line], 'it broke');
  expect(failure.code).toBe(/401|403/.test(line) ? 'SOURCE_REFUSED' : 'SOURCE_UNREADABLE');
  expect(failure.message).toMatch(message);
});

it('prefers the clear line to the vague one after it, and quotes it without its tags', () => {
  const lines = [
    '[warning] Guessing on min shift',
    '[mov,mp4,m4a @ 0x55f] [error] moov atom not found',
    '[error] /clip.mp4: Invalid data found when processing input',
  ];
  expect(sourceFailure('/clip.mp4', lines, 'it broke').message).toBe(
    'cannot play /clip.mp4: the file is truncated or still being written (moov atom not found); ' +
      'copy it again, or wait until the recording is finished (ffmpeg: moov atom not found)',
  );
});

it('says what it knows where ffmpeg said nothing it understands', () => {
  expect(sourceFailure('cam', [], 'it broke').message).toBe(
    'cannot play cam: it broke; check that it plays elsewhere',
  );
  expect(sourceFailure('cam', ['[error] flux'], 'it broke').message).toMatch(/\(ffmpeg: flux\)$/);
});

it('takes no warning and no information for the reason', () => {
  expect(lastUsefulLine(['[warning] Connection timed out', '[info] Stream mapping:'])).toBe(
    undefined,
  );
});
