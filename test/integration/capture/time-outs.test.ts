// Every way in which a source can fail to come in time, and what is said of it: never that it is no video, nor that its
// stream ended, nor what ffmpeg says when it is told to stop.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Decoding } from '../../../src/capture/decoding.ts';
import type { FfmpegSourceOptions } from '../../../src/capture/ffmpeg-source.ts';
import { ReconnectingSource, type SourceState } from '../../../src/capture/reconnecting-source.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { RtspServer } from '../../support/rtsp-server.ts';
import { childPids } from './child-pids.ts';
import { H264, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

interface Silence extends AsyncDisposable {
  /** 127.0.0.1:port */
  readonly host: string;
}

const listening = async (server: Server, close: () => void): Promise<Silence> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      close();
      await closed;
    },
  };
};

/** Takes connections, and answers what it is told to. */
const answering = (answer: (socket: Socket, request: string) => void): Promise<Silence> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => answer(socket, bytes.toString('latin1')));
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
};

const overHttp = (listener: RequestListener): Promise<Silence> => {
  const server = createHttpServer(listener);
  return listening(server, () => server.closeAllConnections());
};

/** A port where connections are never made: its queue is full, and nobody takes them out. */
const unconnectable = async (): Promise<Silence> => {
  const program = `
import socket, sys
server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen(0)
clients = [socket.socket() for _ in range(4)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(server.getsockname())
print(server.getsockname()[1], flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    host: `127.0.0.1:${port.toString().trim()}`,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await gone;
    },
  };
};

const played = async (
  options: Partial<FfmpegSourceOptions> & Pick<FfmpegSourceOptions, 'url'>,
  onFrame: (count: number) => void = () => undefined,
): Promise<{ readonly code: string; readonly message: string; readonly frames: number }> => {
  const stop = new AbortController();
  const reasons: Extract<SourceState, { kind: 'down' }>['reason'][] = [];
  const sink = new RecordingSink({ onFrame });
  const camera = new ReconnectingSource({
    source: openSource({ fps: 5, stallTimeoutMs: 4_000, ...options }),
    clock: systemClock,
    random: () => 0.5,
    onState: (state) => {
      if (state.kind !== 'down') return;
      reasons.push(state.reason);
      stop.abort();
    },
  });
  await camera.play(sink, stop.signal);
  const [reason] = reasons;
  return { code: reason?.code ?? '', message: reason?.message ?? '', frames: sink.times.length };
};

const NEVER_A_FRAME =
  /^\S+ gave no first frame for \d+ s; check the camera and the network, or raise the stall time-out of 4 s(?: \(ffmpeg: .*\))?$/;
/** What ffmpeg says of its own end, and what would send people to look at the wrong place. */
const MISLEADING =
  /not a video|ended its stream|Invalid data|Immediate exit|marking filters|Interrupted|Input\/output|Broken pipe/;

it('a connection that is not made', async () => {
  await using nobody = await unconnectable();
  const failures = await Promise.all(
    ['rtsp', 'http', 'https', 'rtsps'].map((scheme) =>
      played({ url: `${scheme}://${nobody.host}/cam` }),
    ),
  );
  for (const { code, message } of failures) {
    expect(message).toMatch(/gave no first frame for \d+ s|did not answer in time/);
    expect(message).not.toMatch(MISLEADING);
    expect(code).toMatch(/^SOURCE_(?:STALLED|UNREADABLE)$/);
  }
});

it('a connection on which nothing comes: no answer, no handshake, no body, no segment', async () => {
  await using mute = await answering(() => undefined);
  await using options = await answering((socket, request) => {
    if (!request.startsWith('OPTIONS')) return;
    socket.write('RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, SETUP, PLAY\r\n\r\n');
  });
  await using headers = await overHttp((_, response) => response.writeHead(200).flushHeaders());
  const list = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', '#EXTINF:2,', 'a.ts', ''].join('\n');
  await using playlist = await overHttp(({ url }, response) => {
    if (url === '/x.m3u8') response.end(list);
  });
  await using camera = await new RtspServer().start();
  camera.isSilent = true;
  const failures = await Promise.all([
    ...['rtsp', 'rtsps', 'http', 'https'].map((scheme) =>
      played({ url: `${scheme}://${mute.host}/cam` }),
    ),
    ...['snap.jpg', 'clip.mp4', 'live.m3u8'].map((name) =>
      played({ url: `http://${mute.host}/${name}` }),
    ),
    played({ url: `rtsp://${options.host}/cam` }),
    ...['cam', 'clip.ts', 'snap.jpg'].map((name) =>
      played({ url: `http://${headers.host}/${name}` }),
    ),
    played({ url: `http://${playlist.host}/x.m3u8` }),
    ...(['tcp', 'udp'] as const).map((transport) => played({ url: camera.url(), transport })),
  ]);
  for (const { code, message } of failures) {
    expect(message).toMatch(NEVER_A_FRAME);
    expect(message).not.toMatch(MISLEADING);
    expect(code).toBe('SOURCE_STALLED');
  }
});

it('a stream that falls silent, whatever is decoded of it', async () => {
  const clip = execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10', '-t', '3', ...H264],
    ...['-g', '10', '-f', 'mpegts', 'pipe:1'],
  ]);
  await using web = await overHttp((_, response) => response.write(clip));
  const decoded = (frames: Decoding['frames']) => ({
    stallTimeoutMs: 8_000,
    decoding: { frames, lowres: 0 } as const,
  });
  const overRtsp = async (transport: 'tcp' | 'udp', frames: Decoding['frames']) => {
    await using server = await new RtspServer().start();
    return await played({ url: server.url(), transport, ...decoded(frames) }, (count) => {
      server.isSilent = count >= 3;
    });
  };
  const failures = await Promise.all([
    overRtsp('tcp', 'all'),
    overRtsp('udp', 'all'),
    overRtsp('tcp', 'key'),
    overRtsp('udp', 'key'),
    played({ url: `http://${web.host}/live`, ...decoded('key') }),
  ]);
  for (const { code, message, frames } of failures) {
    expect(frames).toBeGreaterThanOrEqual(1);
    expect(message).toMatch(/^\S+ gave no frame for \d+ s; check the camera and the network/);
    expect(message).not.toMatch(MISLEADING);
    expect(code).toBe('SOURCE_STALLED');
  }
});

it('an answer that is cut off, or in another protocol', async () => {
  await using closing = await answering((socket) => socket.end());
  await using babbling = await answering((socket) => socket.end('nonsense\r\n\r\n'));
  const closed = 'it closed the connection without an answer; check port and path in its address';
  const noTls = 'it made no TLS connection; check that the port in its address is one for TLS';
  const noRtsp = 'it gave no answer in RTSP; check host and port in its address';
  const told = await Promise.all(
    [
      ['http', closing.host, closed],
      ['rtsp', closing.host, noRtsp],
      ['rtsp', babbling.host, noRtsp],
      ['https', babbling.host, noTls],
      ['rtsps', babbling.host, noTls],
    ].map(async ([scheme, host, words]) => ({
      words,
      ...(await played({ url: `${scheme}://${host}/cam` })),
    })),
  );
  for (const { words, message } of told) expect(message).toContain(words);
});
