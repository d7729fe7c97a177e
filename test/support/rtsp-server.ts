// A real RTSP server on loopback: one H.264 camera made by ffmpeg, relayed to any number of players
// over UDP or interleaved in TCP. Can ask for a password, refuse a transport, fall silent, be stopped
// and started again on the same port: what cameras do, and servers for tests do not.
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface RtspServerOptions {
  /** 0 picks a free port. */
  readonly port?: number;
  readonly transports?: readonly ('tcp' | 'udp')[];
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Default H.264 of a moving pattern, with a key frame each half second. */
  readonly camera?: RtspCamera;
  /** The camera begins when the first player does; default: with the server. */
  readonly waitsForPlayer?: boolean;
}

export interface RtspCamera {
  readonly codec: 'H264' | 'H265';
  /** ffmpeg's lavfi source, at 10 frames a second. */
  readonly picture: string;
  /** Frames from key frame to key frame. */
  readonly gop: number;
  /** H.265 only: constant rate factor, the greater the smaller are pictures; default 28. */
  readonly crf?: number;
  /** True for RTP packets that get lost on the way; called once for each, in order. */
  readonly isLost?: (packet: Buffer) => boolean;
}

type SendPacket = (packet: Buffer) => void;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly header: (name: string) => string | undefined;
}

const FRAMES_PER_SECOND = 10;
const PAYLOAD_TYPE = 96;
const DEFAULT_CAMERA: RtspCamera = {
  codec: 'H264',
  picture: `testsrc2=s=320x240:r=${FRAMES_PER_SECOND}`,
  gop: 5,
};

const sdp = ({ codec }: RtspCamera): string =>
  [
    ...['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=test', 'c=IN IP4 127.0.0.1', 't=0 0'],
    ...['m=video 0 RTP/AVP 96', `a=rtpmap:96 ${codec}/90000`],
    ...(codec === 'H264' ? ['a=fmtp:96 packetization-mode=1'] : []),
    ...['a=control:track1', ''],
  ].join('\r\n');

const parseRequest = (text: string): Request => {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', url = ''] = first.split(' ');
  const headers = new Map(
    lines.map((line) => [line.split(':', 1)[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]),
  );
  return { method, path: new URL(url).pathname, header: (name) => headers.get(name) };
};

export class RtspServer implements AsyncDisposable {
  readonly #options: RtspServerOptions;
  readonly #players = new Map<Socket, SendPacket>();
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;
  #udp: UdpSocket[] = [];
  #camera: ChildProcess | undefined;
  #port: number;
  /** While true, connections stay and nothing is sent. */
  isSilent = false;
  /** Wall clock at which the camera began, once it has. */
  startedAtMs: number | undefined;
  /** RTP packets that the camera has made. */
  packetCount = 0;
  /** TEARDOWN requests seen: players that said goodbye. */
  teardownCount = 0;

  constructor(options: RtspServerOptions = {}) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  get port(): number {
    return this.#port;
  }

  /** What the camera had to show is over. */
  get isOver(): boolean {
    return this.#camera !== undefined && this.#camera.exitCode !== null;
  }

  get playerCount(): number {
    return this.#players.size;
  }

  /** Address of the stream, with the credentials given. */
  url(credentials = ''): string {
    return `rtsp://${credentials === '' ? '' : `${credentials}@`}127.0.0.1:${this.#port}/cam`;
  }

  async start(): Promise<this> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    await once(server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (server.address() as AddressInfo).port;
    const [media, control] = await Promise.all([openUdp(), openUdp()]);
    this.#udp = [media, control];
    media.on('message', (packet) => {
      if ((packet.readUInt8(1) & 0x7f) !== PAYLOAD_TYPE) return;
      this.packetCount += 1;
      const isLost = (this.#options.camera ?? DEFAULT_CAMERA).isLost?.(packet) ?? false;
      if (!this.isSilent && !isLost) for (const send of this.#players.values()) send(packet);
    });
    if (this.#options.waitsForPlayer !== true) this.#startCamera();
    return this;
  }

  #startCamera(): void {
    if (this.#camera !== undefined) return;
    const [media, control] = this.#udp.map((udp) => udp.address().port);
    this.startedAtMs = Date.now();
    this.#camera = startCamera(this.#options.camera ?? DEFAULT_CAMERA, media!, control!);
  }

  /** Drops all connections. The port is kept for the next `start`. */
  async stop(): Promise<void> {
    const { connections, camera, server } = {
      connections: this.#connections,
      camera: this.#camera,
      server: this.#server,
    };
    this.#camera = undefined;
    this.#server = undefined;
    // Its clip may be over.
    if (camera !== undefined && camera.exitCode === null && camera.signalCode === null) {
      const gone = once(camera, 'exit');
      camera.kill('SIGKILL');
      await gone;
    }
    for (const udp of this.#udp.splice(0)) udp.close();
    for (const socket of connections) socket.destroy();
    this.#players.clear();
    if (server !== undefined) {
      const closed = once(server, 'close');
      server.close();
      await closed;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#players.delete(socket);
    });
    const session: { send: SendPacket } = { send: () => undefined };
    let buffered = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        // Players send RTCP reports back, interleaved: `$`, channel, length.
        if (buffered[0] === 0x24) {
          if (buffered.length < 4 || buffered.length < 4 + buffered.readUInt16BE(2)) return;
          buffered = buffered.subarray(4 + buffered.readUInt16BE(2));
          continue;
        }
        const end = buffered.indexOf('\r\n\r\n');
        if (end < 0) return;
        const request = parseRequest(buffered.toString('latin1', 0, end));
        buffered = buffered.subarray(end + 4);
        this.#answer(socket, request, session);
      }
    });
  }

  #answer(socket: Socket, request: Request, session: { send: SendPacket }): void {
    const reply = (status: string, headers: readonly string[] = [], body = ''): void => {
      const lines = [`RTSP/1.0 ${status}`, `CSeq: ${request.header('cseq') ?? ''}`, ...headers];
      if (body !== '') lines.push(`Content-Length: ${body.length}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    };
    if (request.method === 'OPTIONS') {
      reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN']);
    } else if (!this.#isAuthorized(request)) {
      reply('401 Unauthorized', ['WWW-Authenticate: Basic realm="camera"']);
    } else if (!request.path.startsWith('/cam')) {
      reply('404 Not Found');
    } else if (request.method === 'DESCRIBE') {
      reply(
        '200 OK',
        ['Content-Type: application/sdp'],
        sdp(this.#options.camera ?? DEFAULT_CAMERA),
      );
    } else if (request.method === 'SETUP') {
      this.#setUp(socket, request.header('transport') ?? '', session, reply);
    } else if (request.method === 'PLAY') {
      this.#players.set(socket, session.send);
      this.#startCamera();
      reply('200 OK', ['Session: 1']);
    } else {
      if (request.method === 'TEARDOWN') this.teardownCount += 1;
      this.#players.delete(socket);
      reply('200 OK', ['Session: 1']);
    }
  }

  #setUp(
    socket: Socket,
    transport: string,
    session: { send: SendPacket },
    reply: (status: string, headers?: readonly string[]) => void,
  ): void {
    const isTcp = transport.includes('RTP/AVP/TCP');
    const { transports = ['tcp', 'udp'] } = this.#options;
    const clientPort = Number(/client_port=(\d+)/.exec(transport)?.[1]);
    if (!transports.includes(isTcp ? 'tcp' : 'udp')) {
      reply('461 Unsupported transport');
    } else if (isTcp) {
      session.send = (packet) => {
        const prefix = Buffer.from([0x24, 0, 0, 0]);
        prefix.writeUInt16BE(packet.length, 2);
        // After what was received has been read: a write to a player that has closed breaks the socket, and would
        // take the goodbye before it along.
        setImmediate(() => {
          if (!socket.destroyed) socket.write(Buffer.concat([prefix, packet]));
        });
      };
      reply('200 OK', ['Session: 1', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
    } else {
      const media = this.#udp[0]!;
      session.send = (packet) => media.send(packet, clientPort, '127.0.0.1');
      const ports = this.#udp.map((udp) => udp.address().port).join('-');
      const client = `client_port=${clientPort}-${clientPort + 1}`;
      reply('200 OK', ['Session: 1', `Transport: RTP/AVP;unicast;${client};server_port=${ports}`]);
    }
  }

  #isAuthorized(request: Request): boolean {
    const { credentials } = this.#options;
    if (credentials === undefined) return true;
    const expected = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
    return request.header('authorization') === `Basic ${expected}`;
  }
}

const openUdp = async (): Promise<UdpSocket> => {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return socket;
};

/** Each key frame has its parameter sets in the stream. */
const startCamera = (
  { codec, picture, gop, crf }: RtspCamera,
  mediaPort: number,
  controlPort: number,
): ChildProcess =>
  spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', picture, '-threads', '1'],
      ...(codec === 'H264'
        ? ['-c:v', 'libx264', '-tune', 'zerolatency', '-g', String(gop)]
        : ['-c:v', 'libx265', '-tune', 'zerolatency', '-x265-params', hevcOptions(gop, crf)]),
      ...['-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-payload_type', '96', '-f', 'rtp'],
      `rtp://127.0.0.1:${mediaPort}?rtcpport=${controlPort}&pkt_size=1200`,
    ],
    { stdio: 'ignore' },
  );

const hevcOptions = (gop: number, crf = 28): string =>
  `log-level=none:crf=${crf}:bframes=0:keyint=${gop}:min-keyint=${gop}:scenecut=0:repeat-headers=1`;
