// A WebSocket client for tests of a whole daemon: subscribes to everything and keeps what comes.
import { WebSocket, type RawData } from 'ws';

import type { Alert } from '../../src/core/alert.ts';

export class WireClient implements Disposable {
  readonly alerts: Alert[] = [];
  mapCount = 0;
  readonly #socket: WebSocket;

  constructor(httpUrl: string) {
    this.#socket = new WebSocket(`${httpUrl.replace('http', 'ws')}/ws`, 'patchwatch.v1');
    this.#socket.on('message', (data: RawData, isBinary) => {
      if (isBinary) this.mapCount += 1;
      else this.#receive(JSON.parse((data as Buffer).toString()) as Record<string, unknown>);
    });
    this.#socket.on('error', () => undefined);
  }

  #receive(message: Record<string, unknown>): void {
    if (message.kind === 'alert') this.alerts.push(message.alert as Alert);
    if (message.kind !== 'hello') return;
    const topics = ['alert', 'map'];
    const resume = { cursor: 0 };
    this.#socket.send(JSON.stringify({ kind: 'identify', protocol: 1, topics, resume }));
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
