// What each path answers (docs/ref/http.md). Handlers return a reply; the server writes it.
import type { Alert } from '../core/alert.ts';
import { isAlert } from '../core/event.ts';
import type { CameraId } from '../core/ids.ts';
import { redactUrl } from '../core/redact-url.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { LiveState } from '../core/ports/live-state.ts';
import { json, unknownParameters, type Reply } from './reply.ts';
import { SharedScrape, type Scrape } from './shared-scrape.ts';
import type { FrameImages } from '../images/frame-images.ts';
import type { PageFile } from './page-files.ts';

const DEFAULT_ALERTS = 50;
const MAX_ALERTS = 1_000;
/** Query parameters beside `token`. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = { '/api/v1/alerts': ['limit'] };

export interface RouteOptions {
  readonly state: LiveState;
  readonly log: EventLog;
  readonly images: FrameImages;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly scrape: () => Promise<Scrape>;
}

const notFound = (path: string): Reply =>
  json(404, { error: `nothing is at ${redactUrl(path)}; see docs/ref/http.md` });

export class Routes {
  readonly #options: RouteOptions;
  readonly #metrics: SharedScrape;
  /** The last answer, which is the same for all who ask before the next event. */
  #alerts: { readonly limit: number; readonly latest: number; readonly reply: Reply } | undefined;

  constructor(options: RouteOptions) {
    this.#options = options;
    this.#metrics = new SharedScrape(options.scrape);
  }

  /** Needs no token: tells that the process lives, or is a file of the page, which holds nothing secret. */
  isOpen(path: string): boolean {
    return path === '/healthz' || this.#options.pages.has(path);
  }

  async answer(url: URL): Promise<Reply> {
    const { state, log, pages } = this.#options;
    const page = pages.get(url.pathname);
    if (page !== undefined) return { status: 200, isShared: true, ...page };
    const wrong = unknownParameters(url, ['token', ...(PARAMETERS[url.pathname] ?? [])]);
    if (wrong !== undefined) return wrong;
    switch (url.pathname) {
      case '/healthz':
        return json(200, { status: 'ok' });
      case '/readyz': {
        const readiness = await state.readiness();
        return json(readiness.isReady ? 200 : 503, readiness);
      }
      case '/metrics':
        return this.#metrics.reply();
      case '/api/v1/cameras':
        return json(200, { cameras: state.statuses() });
      case '/api/v1/alerts':
        return this.#answerAlerts(log, url);
      default:
        return answerFrame(this.#options, url);
    }
  }

  #answerAlerts(log: EventLog, url: URL): Reply {
    const limit = Number(url.searchParams.get('limit') ?? DEFAULT_ALERTS);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ALERTS) {
      return json(400, { error: `limit must be a whole number from 1 to ${MAX_ALERTS}` });
    }
    const { latest } = log;
    if (this.#alerts?.limit === limit && this.#alerts.latest === latest) return this.#alerts.reply;
    const { body, ...reply } = json(200, { alerts: latestAlerts(log, limit), cursor: latest });
    this.#alerts = { limit, latest, reply: { ...reply, body: Buffer.from(body), isShared: true } };
    return this.#alerts.reply;
  }
}

/** The latest state of each alert, newest first. */
const latestAlerts = (log: EventLog, count: number): readonly Alert[] => {
  const byId = new Map<string, Alert>();
  for (const { event } of log.after(0, Infinity).entries)
    if (isAlert(event)) byId.set(event.id, event);
  return [...byId.values()].reverse().slice(0, count);
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
  const body = await images.jpeg(camera, frame);
  return { status: 200, type: 'image/jpeg', body, isShared: true };
};
