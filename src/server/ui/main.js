// The live page: connects, keeps one card a camera and one row an alert.
import { AlertList } from './alert-list.js';
import { CameraCard } from './camera-card.js';
import { Connection } from './connection.js';
import { find } from './page-elements.js';

/** @type {Map<string, CameraCard>} */
const cards = new Map();
const token = sessionStorage.getItem('token') ?? undefined;
const alerts = new AlertList(
  find(document, '#alerts', HTMLElement),
  find(document, '#no-alerts', HTMLElement),
);

const cardOf = (/** @type {string} */ cameraId) => {
  let card = cards.get(cameraId);
  if (card === undefined) {
    card = new CameraCard(cameraId, token);
    cards.set(cameraId, card);
    find(document, '#cameras', HTMLElement).append(card.element);
  }
  return card;
};

const showConnection = (/** @type {string} */ state) => {
  const badge = find(document, '#connection', HTMLElement);
  badge.textContent = state;
  badge.className = `badge ${state === 'live' ? 'good' : 'warn'}`;
};

const askForToken = (/** @type {boolean} */ wasWrong) => {
  sessionStorage.removeItem('token');
  const form = find(document, '#token-form', HTMLFormElement);
  const input = find(document, '#token', HTMLInputElement);
  form.hidden = false;
  if (wasWrong) {
    find(document, '#token-error', HTMLElement).textContent = 'That is not the token.';
  }
  input.focus();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem('token', input.value);
    location.reload();
  });
};

new Connection({
  token,
  onState: showConnection,
  onTokenNeeded: askForToken,
  onCameras: (ids) => ids.forEach(cardOf),
  onCamera: (status) => {
    cardOf(status.cameraId).showStatus(status);
  },
  onStats: (stats) => {
    cardOf(stats.cameraId).showStats(stats);
  },
  onMap: (cameraId, map) => {
    cardOf(cameraId).showMap(map);
  },
  onAlert: (alert) => {
    alerts.show(alert, cardOf(alert.cameraId).frameCanvas);
  },
}).open();
