// What each path answers (docs/ref/http.md). Handlers return a reply; the server writes it.
import type { Alert } from '../core/alert.ts';
import { alertOf } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import { redactUrl } from '../core/redact-url.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { LiveState } from '../core/ports/live-state.ts';
import type { FrameImages } from '../images/frame-images.ts';
import type { PageFile } from './page-files.ts';

const DEFAULT_ALERTS = 50;
const MAX_ALERTS = 1_000;

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

export interface RouteOptions {
  readonly state: LiveState;
  readonly log: EventLog;
  readonly images: FrameImages;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly scrape: () => Promise<{ readonly type: string; readonly body: string }>;
}

export const json = (status: number, value: object): Reply => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

const notFound = (path: string): Reply =>
  json(404, { error: `nothing is at ${redactUrl(path)}; see docs/ref/http.md` });

/** Paths that need no token: they tell nothing but that the process lives. */
export const isOpenPath = (path: string): boolean => path === '/healthz';

export const answer = async (options: RouteOptions, url: URL): Promise<Reply> => {
  const { state, log, pages } = options;
  const page = pages.get(url.pathname);
  if (page !== undefined) return { status: 200, ...page };
  switch (url.pathname) {
    case '/healthz':
      return json(200, { status: 'ok' });
    case '/readyz': {
      const readiness = await state.readiness();
      return json(readiness.isReady ? 200 : 503, readiness);
    }
    case '/metrics': {
      const { type, body } = await options.scrape();
      return { status: 200, type, body };
    }
    case '/api/v1/cameras':
      return json(200, { cameras: state.statuses() });
    case '/api/v1/alerts':
      return answerAlerts(log, url);
    default:
      return answerFrame(options, url);
  }
};

/** The latest state of each alert, newest first. */
const latestAlerts = (log: EventLog, count: number): readonly Alert[] => {
  const byId = new Map<string, Alert>();
  for (const { event } of log.after(0, Infinity).entries)
    if (event.kind === 'anomaly') byId.set(event.id, alertOf(event));
  return [...byId.values()].reverse().slice(0, count);
};

const answerAlerts = (log: EventLog, url: URL): Reply => {
  const limit = Number(url.searchParams.get('limit') ?? DEFAULT_ALERTS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ALERTS) {
    return json(400, { error: `limit must be a whole number from 1 to ${MAX_ALERTS}` });
  }
  return json(200, { alerts: latestAlerts(log, limit), cursor: log.latest });
};

const answerFrame = async ({ state, images }: RouteOptions, url: URL): Promise<Reply> => {
  const id = /^\/api\/v1\/cameras\/([A-Za-z0-9_-]+)\/frame\.jpg$/.exec(url.pathname)?.[1];
  if (id === undefined) return notFound(url.pathname);
  const camera = state.cameraIds().find((known) => known === (id as CameraId));
  if (camera === undefined) {
    return json(404, { error: `no camera "${id}"; there are: ${state.cameraIds().join(', ')}` });
  }
  const frame = await state.latestFrame(camera);
  if (frame === undefined) return json(503, { error: `camera "${id}" has given no frame yet` });
  return { status: 200, type: 'image/jpeg', body: await images.jpeg(camera, frame) };
};
