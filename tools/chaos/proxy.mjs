// The network between the roles and Redis: passes bytes on, or swallows them without a word, as a broken link does.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @typedef {import('node:net').Socket} Socket */

export class Proxy {
  #server = createServer((client) => this.#join(client));
  /** @type {Set<readonly [Socket, Socket]>} */
  #pairs = new Set();
  /** @type {number} */
  #targetPort;
  #isCut = false;

  /** @param {number} targetPort */
  constructor(targetPort) {
    this.#targetPort = targetPort;
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a proxy without a port');
    return address.port;
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

  /** @param {Socket} client */
  #join(client) {
    const target = connect(this.#targetPort, '127.0.0.1');
    /** @type {readonly [Socket, Socket]} */
    const pair = [client, target];
    this.#pairs.add(pair);
    for (const [from, to] of /** @type {const} */ ([pair, [target, client]])) {
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
