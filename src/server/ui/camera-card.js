// One camera's card: its latest frame under its heat map, its score against the threshold, its state.

import { drawing, find } from './page-elements.js';

/** @typedef {import('../../core/ports/live-state.ts').CameraStatus} CameraStatus */
/** @typedef {import('../../core/ports/live-state.ts').CameraStats} CameraStats */
/** @typedef {import('./connection.js').HeatMap} HeatMap */

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
  /** @type {number[]} */
  #trace = [];
  #lastFrameMs = -Infinity;
  /** @type {HTMLElement} */
  element;

  /**
   * @param {string} cameraId
   * @param {string | undefined} token
   */
  constructor(cameraId, token) {
    this.#cameraId = cameraId;
    this.#token = token;
    const template = find(document, '#camera-template', HTMLTemplateElement);
    const copy = document.importNode(template.content, true);
    this.element = find(copy, '.camera', HTMLElement);
    this.element.dataset.camera = cameraId;
    this.#part('h3').textContent = cameraId;
    this.frameCanvas.setAttribute('aria-label', `latest frame of camera ${cameraId}`);
    void this.#loadFrame();
  }

  get frameCanvas() {
    return this.#canvas('.frame');
  }

  #part(/** @type {string} */ name) {
    return find(this.element, name, HTMLElement);
  }

  #canvas(/** @type {string} */ name) {
    return find(this.element, name, HTMLCanvasElement);
  }

  /** @param {CameraStatus} status */
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

  /** @param {CameraStats} stats */
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

  /** @param {HeatMap} map */
  showMap({ side, cells }) {
    this.#paintHeat(side, cells);
    let largest = 0;
    for (const cell of cells) largest = Math.max(largest, cell);
    this.#trace.push(largest / AT_THRESHOLD);
    if (this.#trace.length > TRACE_LENGTH) this.#trace.shift();
    this.#paintTrace();
    void this.#loadFrame();
  }

  /**
   * Transparent below half the threshold, then from amber to red.
   *
   * @param {number} side
   * @param {Uint8Array} cells
   */
  #paintHeat(side, cells) {
    const canvas = this.#canvas('.heat');
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const context = drawing(canvas);
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
    const canvas = this.#canvas('.trace');
    const context = drawing(canvas);
    const { width, height } = canvas;
    const style = getComputedStyle(this.element);
    const yOf = (/** @type {number} */ value) =>
      height - 2 - (Math.min(value, 2) / 2) * (height - 4);
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
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.#token !== undefined) headers.Authorization = `Bearer ${this.#token}`;
    try {
      const response = await fetch(`/api/v1/cameras/${this.#cameraId}/frame.jpg`, { headers });
      if (!response.ok) return;
      const picture = await createImageBitmap(await response.blob());
      drawing(this.frameCanvas).drawImage(picture, 0, 0);
      this.#part('.waiting').hidden = true;
    } catch {
      // Between two connections there is no picture; the next map asks again.
    }
  }
}
