import { describe, expect, it } from 'vitest';
import { isLive, isTimedByArrival, sourceKind } from '../../../src/capture/source-kind.ts';

describe('sourceKind', () => {
  it.each([
    ['rtsp://cam/1', 'rtsp', true, true],
    ['RTSPS://u:p@cam/1', 'rtsp', true, true],
    ['http://cam/video.cgi?x=.mp4', 'http', true, true],
    ['https://cam/live.m3u8?t=1', 'http', true, false],
    ['https://host/clip.MP4?t=1', 'http', false, false],
    ['/dev/video0', 'device', true, false],
    ['/dev/videos/clip.mp4', 'path', false, false],
    ['clip.mp4', 'path', false, false],
    ['/frames', 'path', false, false],
    ['file:///frames/clip.mp4', 'path', false, false],
    ['C:/clip.mp4', 'path', false, false],
    ['-rtsp.mp4', 'path', false, false],
  ])('%s: %s, live %s, timed by arrival %s', (url, kind, live, byArrival) => {
    expect([sourceKind(url), isLive(url), isTimedByArrival(url)]).toEqual([kind, live, byArrival]);
  });

  it('refuses other schemes without showing credentials', () => {
    expect(() => sourceKind('rtmp://admin:secret@cam/1')).toThrow(
      'cannot read rtmp://***@cam/1: rtmp:// is not supported; ' +
        'use a path, rtsp://, rtsps://, http://, https:// or /dev/video0',
    );
  });
});
