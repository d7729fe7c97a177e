// The WebSocket of docs/ref/wire.md: identifies, reconnects with back-off, resumes from the last alert.

/** @typedef {import('../wire.ts').ServerMessage} ServerMessage */
/** @typedef {import('../../core/ports/live-state.ts').CameraStatus} CameraStatus */
/** @typedef {import('../../core/ports/live-state.ts').CameraStats} CameraStats */
/** @typedef {import('../../core/alert.ts').Alert} Alert */

/**
 * A map as it travels, one byte a cell.
 *
 * @typedef {object} HeatMap
 * @property {number} cameraIndex
 * @property {number} side
 * @property {number} threshold
 * @property {Uint8Array} cells
 */

/**
 * Who is told.
 *
 * @typedef {object} ConnectionOptions
 * @property {string | undefined} token
 * @property {(state: 'connecting' | 'live' | 'locked' | 'disconnected') => void} onState
 * @property {(wasWrong: boolean) => void} onTokenNeeded
 * @property {(cameraIds: readonly string[]) => void} onCameras
 * @property {(status: CameraStatus) => void} onCamera
 * @property {(stats: CameraStats) => void} onStats
 * @property {(cameraId: string, map: HeatMap) => void} onMap
 * @property {(alert: Alert) => void} onAlert
 */

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];
const WRONG_TOKEN = 4003;
const HEADER_BYTES = 32;

/**
 * @param {ArrayBuffer} buffer
 * @returns {HeatMap}
 */
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
  /** @type {readonly string[]} */
  #cameras = [];
  #cursor = 0;
  #failures = 0;

  /** @param {ConnectionOptions} options */
  constructor(options) {
    this.#options = options;
  }

  open() {
    this.#options.onState('connecting');
    const address = new URL('/ws', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address, 'patchwatch.v1');
    socket.binaryType = 'arraybuffer';
    socket.addEventListener(
      'message',
      (/** @type {MessageEvent<string | ArrayBuffer>} */ event) => {
        this.#receive(socket, event.data);
      },
    );
    socket.addEventListener('close', ({ code }) => {
      this.#onClose(code);
    });
  }

  /**
   * @param {WebSocket} socket
   * @param {string | ArrayBuffer} data
   */
  #receive(socket, data) {
    if (typeof data !== 'string') {
      const map = readMap(data);
      const cameraId = this.#cameras[map.cameraIndex];
      if (cameraId !== undefined) this.#options.onMap(cameraId, map);
      return;
    }
    // The daemon that sent this page sends these too: one version of both.
    /** @type {unknown} */
    const parsed = JSON.parse(data);
    const message = /** @type {ServerMessage} */ (parsed);
    switch (message.kind) {
      case 'hello':
        this.#hello(socket, message);
        break;
      case 'identified':
        this.#failures = 0;
        this.#cameras = message.cameras;
        this.#options.onCameras(message.cameras);
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

  /**
   * @param {WebSocket} socket
   * @param {Extract<ServerMessage, { kind: 'hello' }>} message
   */
  #hello(socket, { auth, protocol }) {
    const { token } = this.#options;
    if (auth && token === undefined) {
      this.#options.onTokenNeeded(false);
      return;
    }
    socket.send(
      JSON.stringify({
        kind: 'identify',
        protocol,
        token,
        topics: ['alert', 'camera', 'stats', 'map'],
        resume: { cursor: this.#cursor },
      }),
    );
  }

  /** @param {number} code */
  #onClose(code) {
    if (code === WRONG_TOKEN) {
      this.#options.onState('locked');
      this.#options.onTokenNeeded(true);
      return;
    }
    this.#options.onState('disconnected');
    const delayMs = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
    setTimeout(() => {
      this.open();
    }, delayMs);
  }
}
