// A WebSocket client for tests of a whole daemon: subscribes to everything and keeps what comes.
import { WebSocket, type RawData } from 'ws';

import type { Alert } from '../../src/core/alert.ts';

export class WireClient implements Disposable {
  readonly alerts: Alert[] = [];
  /** What each camera was said to do, in order. */
  readonly states = new Map<string, string[]>();
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
    if (message.kind === 'camera') this.#note(message.cameraId as string, message.state as string);
    if (message.kind !== 'hello') return;
    const topics = ['alert', 'camera', 'map'];
    const resume = { cursor: 0 };
    this.#socket.send(JSON.stringify({ kind: 'identify', protocol: 1, topics, resume }));
  }

  #note(camera: string, state: string): void {
    this.states.set(camera, [...(this.states.get(camera) ?? []), state]);
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
