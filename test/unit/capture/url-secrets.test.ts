import { expect, it } from 'vitest';
import { urlSecrets } from '../../../src/capture/url-secrets.ts';

it.each([
  ['rtsp://cam/1', []],
  ['rtsp://admin@cam/1', []],
  ['rtsp://admin:secret@cam/1', ['secret']],
  ['rtsp://admin:p%40ss@cam/1', ['p%40ss', 'p@ss']],
  ['rtsp://admin:a/b@c:d@cam/1', ['a/b@c:d']],
  ['rtsp://admin:50%off@cam/1', ['50%off']],
  ['rtsp://admin:abc@cam/1', []],
  ['/clips/a@b.mp4', []],
])('%s', (url, secrets) => {
  expect(urlSecrets(url)).toEqual(secrets);
});
