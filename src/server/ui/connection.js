// The WebSocket of docs/ref/wire.md: identifies, reconnects with back-off, resumes from the last alert.

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];
const WRONG_TOKEN = 4003;
const HEADER_BYTES = 32;

const readMap = (buffer) => {
  const view = new DataView(buffer);
  return {
    cameraIndex: view.getUint16(8, true),
    side: view.getUint16(6, true),
    threshold: view.getFloat32(12, true),
    cells: new Uint8Array(buffer, HEADER_BYTES),
  };
};

export class Connection {
  #options;
  #socket;
  #cameras = [];
  #cursor = 0;
  #failures = 0;

  constructor(options) {
    this.#options = options;
  }

  open() {
    this.#options.onState('connecting');
    const address = new URL('/ws', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    this.#socket = new WebSocket(address, 'patchwatch.v1');
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data));
    this.#socket.addEventListener('close', ({ code }) => this.#onClose(code));
  }

  #receive(data) {
    if (typeof data !== 'string') {
      const map = readMap(data);
      this.#options.onMap(this.#cameras[map.cameraIndex], map);
      return;
    }
    const message = JSON.parse(data);
    switch (message.kind) {
      case 'hello':
        this.#hello(message);
        break;
      case 'identified':
        this.#failures = 0;
        // A cursor beyond the daemon's own is of an earlier run of it.
        if (this.#cursor > message.cursor) this.#cursor = 0;
        this.#options.onState('live');
        break;
      case 'alert':
        this.#cursor = message.cursor;
        this.#options.onAlert(message.alert);
        break;
      case 'camera':
        this.#options.onCamera(message);
        break;
      case 'stats':
        this.#options.onStats(message);
        break;
    }
  }

  #hello({ auth, cameras, protocol }) {
    this.#cameras = cameras;
    this.#options.onCameras(cameras);
    const { token } = this.#options;
    if (auth && token === undefined) {
      this.#options.onTokenNeeded(false);
      return;
    }
    this.#socket.send(
      JSON.stringify({
        kind: 'identify',
        protocol,
        token,
        topics: ['alert', 'camera', 'stats', 'map'],
        resume: { cursor: this.#cursor },
      }),
    );
  }

  #onClose(code) {
    if (code === WRONG_TOKEN) {
      this.#options.onState('locked');
      this.#options.onTokenNeeded(true);
      return;
    }
    this.#options.onState('disconnected');
    const delayMs = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
    setTimeout(() => this.open(), delayMs);
  }
}
