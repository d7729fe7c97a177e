// A WebSocket client as a user's would be: reconnects, resumes from its cursor, and keeps every alert message.
import { WebSocket } from 'ws';
import { z } from 'zod';

const RECONNECT_MS = 250;

/** What this client looks at of the messages that it asked for. */
const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello') }),
  z.object({ kind: z.literal('identified'), replayComplete: z.boolean() }),
  z.object({
    kind: z.literal('alert'),
    cursor: z.number(),
    alert: z.object({
      id: z.string(),
      cameraId: z.string(),
      phase: z.enum(['open', 'update', 'close']),
      sequence: z.number(),
    }),
  }),
  z.object({ kind: z.literal('dropped') }),
]);

/** @typedef {z.infer<typeof messageSchema>} Message */
/** @typedef {Extract<Message, { kind: 'alert' }>} AlertMessage */
/** @typedef {AlertMessage['alert']} ToldAlert */

export class AlertClient {
  /**
   * In the order they came.
   *
   * @type {AlertMessage[]}
   */
  messages = [];
  /** Times the server said that something is missing. */
  gaps = 0;
  /** @type {string} */
  #url;
  #cursor = 0;
  /** @type {WebSocket | undefined} */
  #socket;
  #isStopped = false;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  start() {
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/ws`, 'patchwatch.v1');
    this.#socket = socket;
    socket.on('message', (/** @type {Buffer} */ data, isBinary) => {
      if (!isBinary) this.#receive(socket, messageSchema.parse(JSON.parse(data.toString())));
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

  /**
   * @param {WebSocket} socket
   * @param {Message} message
   */
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
