// HTTP sources from a real server: a recording, an endless MJPEG stream without time stamps, refusals,
// and a playlist that must not lead elsewhere.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { tempDir } from '../../support/temp-dir.ts';
import { makeClip, never, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

interface TestServer extends AsyncDisposable {
  readonly host: string;
  readonly requestCount: () => number;
}

const serve = async (listener: RequestListener): Promise<TestServer> => {
  let requestCount = 0;
  const server = createServer((request, response) => {
    requestCount += 1;
    listener(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestCount: () => requestCount,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
};

it('plays a recording with its own times, once', async () => {
  await using dir = await tempDir();
  await makeClip(dir.at('clip.mp4'), 2, '-movflags', '+faststart');
  const bytes = await readFile(dir.at('clip.mp4'));
  await using server = await serve((_, response) => response.end(bytes));
  const sink = new RecordingSink();
  const source = openSource({ url: `http://${server.host}/clip.mp4`, fps: 5 });
  await source.play(sink, never());
  expect(sink.mediaTimesMs).toEqual([0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800]);
  expect(source.isEndless).toBe(false);
});

it('times an MJPEG camera by arrival, where ffmpeg would take any rate for 25 frames/s', async () => {
  const jpeg = execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240'],
    ...['-frames:v', '1', '-f', 'mjpeg', 'pipe:1'],
  ]);
  const part = `--x\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
  await using server = await serve((request, response) => {
    response.setHeader('Content-Type', 'multipart/x-mixed-replace; boundary=x');
    const send = setInterval(() => {
      response.write(Buffer.concat([Buffer.from(part), jpeg, Buffer.from('\r\n')]));
    }, 100);
    request.on('close', () => clearInterval(send));
  });
  const stop = new AbortController();
  const sink = new RecordingSink({ onFrame: (count) => (count >= 21 ? stop.abort() : undefined) });
  const source = openSource({ url: `http://${server.host}/video.cgi`, fps: 50 });
  await source.play(sink, stop.signal);
  expect(source.isEndless).toBe(true);
  // 20 steps of 100 ms or more; 40 ms each by ffmpeg's guess.
  expect(sink.mediaTimesMs[20]! - sink.mediaTimesMs[0]!).toBeGreaterThan(1500);
});

it.each([
  [401, 'SOURCE_REFUSED', /refused the user or password \(401\)/],
  [403, 'SOURCE_REFUSED', /forbids access \(403\)/],
  [404, 'SOURCE_UNREADABLE', /no such stream \(404\)/],
  [503, 'SOURCE_UNREADABLE', /overloaded or out of sessions/],
])('explains status %i', async (status, code, message) => {
  await using server = await serve((_, response) => response.writeHead(status).end());
  const url = `http://admin:s3cretword@${server.host}/video.cgi?token=abc123`;
  const failure: unknown = await openSource({ url })
    .play(new RecordingSink(), never())
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code });
  expect((failure as Error).message).toMatch(message);
  expect((failure as Error).message).not.toMatch(/s3cret|admin|abc123/);
});

it('does not let a local playlist reach the network', async () => {
  await using dir = await tempDir();
  await using server = await serve((_, response) => response.end());
  const list = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://${server.host}/a.ts\n#EXT-X-ENDLIST\n`;
  await writeFile(dir.at('list.m3u8'), list);
  const playing = openSource({ url: dir.at('list.m3u8') }).play(new RecordingSink(), never());
  await expect(playing).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  expect(server.requestCount()).toBe(0);
});

it('does not let a camera lead to a local file', async () => {
  await using dir = await tempDir();
  await makeClip(dir.at('private.ts'), 1);
  const list = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${dir.at('private.ts')}\n#EXT-X-ENDLIST\n`;
  await using server = await serve((_, response) => {
    response.setHeader('Content-Type', 'application/vnd.apple.mpegurl').end(list);
  });
  const sink = new RecordingSink();
  const playing = openSource({ url: `http://${server.host}/live.m3u8` }).play(sink, never());
  await expect(playing).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  expect(sink.times).toEqual([]);
});
