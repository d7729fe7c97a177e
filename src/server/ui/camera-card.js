// One camera's card: its latest frame under its heat map, its score against the threshold, its state.

const FRAME_INTERVAL_MS = 500;
const TRACE_LENGTH = 128;
/** Cells hold 128 at the threshold. */
const AT_THRESHOLD = 128;
const STATE_LOOK = {
  up: 'good',
  connecting: 'warn',
  stalled: 'warn',
  down: 'alarm',
  failed: 'alarm',
  ended: '',
};

export class CameraCard {
  #cameraId;
  #token;
  #trace = [];
  #lastFrameMs = -Infinity;
  #part;
  element;

  constructor(cameraId, token) {
    this.#cameraId = cameraId;
    this.#token = token;
    const template = document.querySelector('#camera-template');
    this.element = template.content.firstElementChild.cloneNode(true);
    this.#part = (name) => this.element.querySelector(name);
    this.element.dataset.camera = cameraId;
    this.#part('h3').textContent = cameraId;
    this.frameCanvas.setAttribute('aria-label', `latest frame of camera ${cameraId}`);
    this.#loadFrame();
  }

  get frameCanvas() {
    return this.#part('.frame');
  }

  showStatus({ state, reason, sceneId, isAlertOpen }) {
    const badge = this.#part('.state');
    badge.textContent = isAlertOpen
      ? 'alert'
      : sceneId === undefined
        ? state
        : `${state} · ${sceneId}`;
    badge.className = `badge state ${isAlertOpen ? 'alarm' : STATE_LOOK[state]}`;
    this.element.classList.toggle('alerting', isAlertOpen);
    this.#part('.reason').textContent = reason ?? '';
  }

  showStats({ score, threshold, fps, latencyMs, dropped }) {
    const values = {
      score: score.toFixed(1),
      threshold: threshold.toFixed(1),
      fps: fps.toFixed(1),
      latency: `${Math.round(latencyMs)} ms`,
      dropped: String(dropped),
    };
    for (const [name, text] of Object.entries(values)) this.#part(`.${name}`).textContent = text;
  }

  showMap({ side, threshold, cells }) {
    this.#paintHeat(side, cells);
    let largest = 0;
    for (const cell of cells) largest = Math.max(largest, cell);
    this.#trace.push(largest / AT_THRESHOLD);
    if (this.#trace.length > TRACE_LENGTH) this.#trace.shift();
    this.#paintTrace();
    this.#loadFrame();
  }

  /** Transparent below half the threshold, then from amber to red. */
  #paintHeat(side, cells) {
    const canvas = this.#part('.heat');
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const context = canvas.getContext('2d');
    const image = context.createImageData(side, side);
    cells.forEach((cell, index) => {
      const strength = Math.max(0, Math.min(1, (cell - AT_THRESHOLD * 0.6) / (AT_THRESHOLD * 0.7)));
      image.data[index * 4] = 255;
      image.data[index * 4 + 1] = Math.round(170 * (1 - strength));
      image.data[index * 4 + 2] = 20;
      image.data[index * 4 + 3] = Math.round(230 * strength);
    });
    context.putImageData(image, 0, 0);
  }

  #paintTrace() {
    const canvas = this.#part('.trace');
    const context = canvas.getContext('2d');
    const { width, height } = canvas;
    const style = getComputedStyle(this.element);
    const yOf = (value) => height - 2 - (Math.min(value, 2) / 2) * (height - 4);
    context.clearRect(0, 0, width, height);
    context.lineWidth = 2;
    context.strokeStyle = style.getPropertyValue('--alarm');
    context.setLineDash([6, 6]);
    context.beginPath();
    context.moveTo(0, yOf(1));
    context.lineTo(width, yOf(1));
    context.stroke();
    context.setLineDash([]);
    context.strokeStyle = style.getPropertyValue('--accent');
    context.beginPath();
    this.#trace.forEach((value, index) => {
      context.lineTo((index * width) / (TRACE_LENGTH - 1), yOf(value));
    });
    context.stroke();
  }

  async #loadFrame() {
    const nowMs = performance.now();
    if (document.hidden || nowMs - this.#lastFrameMs < FRAME_INTERVAL_MS) return;
    this.#lastFrameMs = nowMs;
    const headers = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
    try {
      const response = await fetch(`/api/v1/cameras/${this.#cameraId}/frame.jpg`, { headers });
      if (!response.ok) return;
      const picture = await createImageBitmap(await response.blob());
      this.frameCanvas.getContext('2d').drawImage(picture, 0, 0);
      this.#part('.waiting').hidden = true;
    } catch {
      // Between two connections there is no picture; the next map asks again.
    }
  }
}
