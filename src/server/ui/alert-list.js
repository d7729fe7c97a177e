// The alerts as they come, newest first, each with a small picture and where it was.

const MAX_ROWS = 100;

const percent = (fraction) => `${Math.round(fraction * 100)} %`;
const clock = (ms) => new Date(ms).toLocaleTimeString();

export class AlertList {
  #list;
  #empty;
  #rows = new Map();

  constructor(list, empty) {
    this.#list = list;
    this.#empty = empty;
  }

  /** `picture` is a canvas with the camera's latest frame. */
  show(alert, picture) {
    const row = this.#rows.get(alert.id) ?? this.#addRow(alert);
    const isOpen = alert.phase !== 'close';
    if (isOpen) this.#paint(row.querySelector('canvas'), alert.region, picture);
    row.classList.toggle('open', isOpen);
    const length = Math.max(0, Math.round((alert.atMs - alert.startedAtMs) / 1_000));
    row.querySelector('strong').textContent = `${alert.cameraId} · ${isOpen ? 'open' : 'closed'}`;
    row.querySelector('span').textContent =
      `${clock(alert.startedAtMs)}, ${length} s · score ${alert.peakScore.toFixed(1)} ` +
      `(threshold ${alert.threshold.toFixed(1)}) · at x ${percent(alert.peak.x)}, y ${percent(alert.peak.y)}`;
  }

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

  #paint(thumbnail, { x, y, width, height }, picture) {
    const context = thumbnail.getContext('2d');
    context.drawImage(picture, 0, 0);
    context.strokeStyle = '#ff5a2b';
    context.lineWidth = 5;
    context.strokeRect(x * 256, y * 256, width * 256, height * 256);
  }

  #removeOldest() {
    const [[id, row]] = this.#rows;
    row.remove();
    this.#rows.delete(id);
  }
}
