// A Redis far away: a proxy on loopback that hands on what it is given, either way, half a round trip later, in
// order and without holding back what comes behind.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class SlowLink implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  roundTripMs: number;

  private constructor(targetPort: number, roundTripMs: number) {
    this.roundTripMs = roundTripMs;
    this.#server = createServer((client) => {
      const target = connect(targetPort, '127.0.0.1');
      this.#pass(client, target);
      this.#pass(target, client);
    });
  }

  static async start(targetPort: number, roundTripMs: number): Promise<SlowLink> {
    const link = new SlowLink(targetPort, roundTripMs);
    await once(link.#server.listen(0, '127.0.0.1'), 'listening');
    return link;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => undefined);
    from.on('data', (bytes) => {
      this.#later(() => to.write(bytes));
    });
    from.on('close', () => {
      this.#sockets.delete(from);
      this.#later(() => to.destroy());
    });
  }

  /** Timers of one duration end in the order they began in. */
  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, this.roundTripMs / 2);
    this.#timers.add(timer);
  }
}
