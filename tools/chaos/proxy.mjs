// The network between the roles and Redis: passes bytes on, or swallows them without a word, as a broken link does.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Proxy {
  #server = createServer((client) => this.#join(client));
  #pairs = new Set();
  #targetPort;
  #isCut = false;

  constructor(targetPort) {
    this.#targetPort = targetPort;
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** Nothing passes, nobody is told; new connections hang. */
  cut() {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** What was open stays dead, as after a change of route; new connections work. */
  mend() {
    this.#isCut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  stop() {
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  #join(client) {
    const target = connect(this.#targetPort, '127.0.0.1');
    const pair = [client, target];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [target, client]]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
    if (this.#isCut) for (const socket of pair) socket.pause();
  }
}
