// The live page: connects, keeps one card a camera and one row an alert.
import { AlertList } from './alert-list.js';
import { CameraCard } from './camera-card.js';
import { Connection } from './connection.js';

const cards = new Map();
const token = sessionStorage.getItem('token') ?? undefined;
const alerts = new AlertList(
  document.querySelector('#alerts'),
  document.querySelector('#no-alerts'),
);

const cardOf = (cameraId) => {
  let card = cards.get(cameraId);
  if (card === undefined) {
    card = new CameraCard(cameraId, token);
    cards.set(cameraId, card);
    document.querySelector('#cameras').append(card.element);
  }
  return card;
};

const showConnection = (state) => {
  const badge = document.querySelector('#connection');
  badge.textContent = state;
  badge.className = `badge ${state === 'live' ? 'good' : 'warn'}`;
};

const askForToken = (wasWrong) => {
  sessionStorage.removeItem('token');
  const form = document.querySelector('#token-form');
  form.hidden = false;
  if (wasWrong) document.querySelector('#token-error').textContent = 'That is not the token.';
  document.querySelector('#token').focus();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem('token', document.querySelector('#token').value);
    location.reload();
  });
};

new Connection({
  token,
  onState: showConnection,
  onTokenNeeded: askForToken,
  onCameras: (ids) => ids.forEach(cardOf),
  onCamera: (status) => cardOf(status.cameraId).showStatus(status),
  onStats: (stats) => cardOf(stats.cameraId).showStats(stats),
  onMap: (cameraId, map) => cardOf(cameraId).showMap(map),
  onAlert: (alert) => alerts.show(alert, cardOf(alert.cameraId).frameCanvas),
}).open();
