// A WebSocket client as a user's would be: reconnects, resumes from its cursor, and keeps every alert message.
import { WebSocket } from 'ws';

const RECONNECT_MS = 250;

export class AlertClient {
  /** In the order they came. */
  messages = [];
  /** Times the server said that something is missing. */
  gaps = 0;
  #url;
  #cursor = 0;
  #socket;
  #isStopped = false;

  constructor(url) {
    this.#url = url;
  }

  start() {
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/ws`, 'patchwatch.v1');
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.#receive(socket, JSON.parse(data.toString()));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#isStopped) setTimeout(() => this.start(), RECONNECT_MS);
    });
  }

  stop() {
    this.#isStopped = true;
    this.#socket?.terminate();
  }

  #receive(socket, message) {
    if (message.kind === 'hello') {
      const resume = { cursor: this.#cursor };
      socket.send(JSON.stringify({ kind: 'identify', protocol: 1, topics: ['alert'], resume }));
    } else if (message.kind === 'identified' && !message.replayComplete) {
      this.gaps += 1;
    } else if (message.kind === 'alert') {
      this.#cursor = message.cursor;
      this.messages.push(message);
    }
  }
}
