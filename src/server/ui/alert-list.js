// The alerts as they come, newest first, each with a small picture and where it was.

import { drawing, find } from './page-elements.js';

/** @typedef {import('../../core/alert.ts').Alert} Alert */

const MAX_ROWS = 100;

/** What each cue says, in words. @type {Readonly<Record<string, string>>} */
const SAID = {
  appearance: 'looks unusual',
  motion: 'moves unusually',
  stay: 'something stays or is gone',
  absence: 'the usual movement stopped',
  direction: 'goes the wrong way',
};

const percent = (/** @type {number} */ fraction) => `${Math.round(fraction * 100)} %`;
const clock = (/** @type {number} */ ms) => new Date(ms).toLocaleTimeString();

export class AlertList {
  #list;
  #empty;
  /** @type {Map<string, HTMLLIElement>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} empty shown while there is none
   */
  constructor(list, empty) {
    this.#list = list;
    this.#empty = empty;
  }

  /**
   * @param {Alert} alert
   * @param {HTMLCanvasElement} picture with the camera's latest frame
   */
  show(alert, picture) {
    const row = this.#rows.get(alert.id) ?? this.#addRow(alert);
    const isOpen = alert.phase !== 'close';
    if (isOpen) this.#paint(find(row, 'canvas', HTMLCanvasElement), alert.region, picture);
    row.classList.toggle('open', isOpen);
    const length = Math.max(0, Math.round((alert.atMs - alert.startedAtMs) / 1_000));
    find(row, 'strong', HTMLElement).textContent =
      `${alert.cameraId} · ${isOpen ? 'open' : 'closed'}`;
    find(row, 'span', HTMLElement).textContent =
      `${SAID[alert.cue] ?? alert.cue} · ${clock(alert.startedAtMs)}, ${length} s · score ${alert.peakScore.toFixed(1)} ` +
      `(threshold ${alert.threshold.toFixed(1)}) · at x ${percent(alert.peak.x)}, y ${percent(alert.peak.y)}`;
  }

  /** @param {Alert} alert */
  #addRow(alert) {
    const row = document.createElement('li');
    row.dataset.alert = alert.id;
    const thumbnail = document.createElement('canvas');
    thumbnail.width = thumbnail.height = 256;
    thumbnail.setAttribute('aria-hidden', 'true');
    const text = document.createElement('div');
    text.append(document.createElement('strong'), document.createElement('span'));
    row.append(thumbnail, text);
    this.#list.prepend(row);
    this.#rows.set(alert.id, row);
    this.#empty.hidden = true;
    if (this.#rows.size > MAX_ROWS) this.#removeOldest();
    return row;
  }

  /**
   * @param {HTMLCanvasElement} thumbnail
   * @param {Alert['region']} region
   * @param {HTMLCanvasElement} picture
   */
  #paint(thumbnail, { x, y, width, height }, picture) {
    const context = drawing(thumbnail);
    context.drawImage(picture, 0, 0);
    context.strokeStyle = '#ff5a2b';
    context.lineWidth = 5;
    context.strokeRect(x * 256, y * 256, width * 256, height * 256);
  }

  #removeOldest() {
    const [oldest] = this.#rows;
    if (oldest === undefined) return;
    const [id, row] = oldest;
    row.remove();
    this.#rows.delete(id);
  }
}
