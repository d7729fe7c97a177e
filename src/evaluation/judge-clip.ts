// Holds what was told over a clip against what happened in it.
import type { Region } from '../core/place.ts';
import type { SceneClip, SceneEvent } from '../datasets/scene-clip.ts';
import type { ToldAlert, ToldPhase } from './told-alert.ts';

/** Events end by eye, and are told with a delay: an alert that opens so long after one is still of it. */
const LATE_MS = 2_000;
/** Only of what goes on this long after it was found can be said whether it stays told. */
const LASTING_MS = 5_000;
/** Time within an event without an open alert that does not count. */
const UNTOLD_MS = 1_000;
/** By this much of the picture an alert may miss what it is of. */
const BESIDE = 1 / 16;

export interface EventVerdict {
  readonly kind: string;
  readonly words: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly found: boolean;
  /** From the event's beginning to the alert; null where it was not found. */
  readonly delaySeconds: number | null;
  /** Whether it stays told until it ends; null where it was not found, or ends soon after. */
  readonly toldUntilEnd: boolean | null;
}

export interface ClipVerdict {
  readonly events: readonly EventVerdict[];
  /** Alerts of the scene that are of no event. */
  readonly falseAlerts: readonly ToldAlert[];
  /** Time in which every alert would be false. */
  readonly quietMs: number;
  readonly viewRight: number;
  readonly viewWrong: number;
}

export const judgeClip = (clip: SceneClip, alerts: readonly ToldAlert[]): ClipVerdict => {
  const ofScene = alerts.filter(({ kind }) => kind !== 'view');
  const told = alerts.flatMap(({ kind, view }) => (kind === 'view' ? [view] : []));
  const isRight = (view: string | undefined): boolean => clip.views.some((one) => one === view);
  return {
    events: clip.events.map((event) => judgeEvent(event, alerts, clip)),
    falseAlerts: ofScene.filter((alert) =>
      clip.events.every((event) => firstSign(event, alert) === undefined),
    ),
    quietMs: quietMs(clip),
    viewRight: told.some(isRight) ? 1 : 0,
    viewWrong: told.filter((view) => !isRight(view)).length,
  };
};

/** An event of the view may be told as either. */
const judgeEvent = (
  event: SceneEvent,
  alerts: readonly ToldAlert[],
  clip: SceneClip,
): EventVerdict => {
  const { kind, words, fromMs, toMs } = event;
  const may = kind === 'view' ? alerts : alerts.filter((alert) => alert.kind !== 'view');
  const found = may.flatMap((alert) => {
    const sign = firstSign(event, alert);
    return sign === undefined ? [] : [{ alert, atMs: Math.max(fromMs, sign.atMs) }];
  });
  const foundMs = Math.min(Infinity, ...found.map(({ atMs }) => atMs));
  const endMs = Math.min(toMs, clip.durationMs);
  return {
    kind,
    words,
    fromSeconds: fromMs / 1_000,
    toSeconds: toMs / 1_000,
    found: found.length > 0,
    delaySeconds: found.length > 0 ? (foundMs - fromMs) / 1_000 : null,
    toldUntilEnd:
      endMs - foundMs < LASTING_MS || found.length === 0
        ? null
        : untoldMs(found, foundMs, endMs) <= UNTOLD_MS,
  };
};

/**
 * The first thing said of an alert that is of the event: in its time and place. What was open before the event is of it
 * when it rises during the event.
 */
const firstSign = (event: SceneEvent, alert: ToldAlert): ToldPhase | undefined => {
  const { fromMs, toMs, box } = event;
  const before = alert.phases.filter(({ atMs }) => atMs < fromMs).at(-1);
  return alert.phases.find(
    ({ atMs, region, peak }) =>
      atMs >= fromMs &&
      atMs < toMs + LATE_MS &&
      peak > (before?.peak ?? 0) &&
      (box === undefined || isNear(region, box)),
  );
};

const isNear = (a: Region, b: Region): boolean =>
  a.x < b.x + b.width + BESIDE &&
  b.x < a.x + a.width + BESIDE &&
  a.y < b.y + b.height + BESIDE &&
  b.y < a.y + a.height + BESIDE;

/** Time between two moments in which none of the alerts was open. */
const untoldMs = (
  found: readonly { readonly alert: ToldAlert; readonly atMs: number }[],
  fromMs: number,
  toMs: number,
): number => {
  let untold = 0;
  let reached = fromMs;
  for (const { alert, atMs } of [...found].sort((a, b) => a.atMs - b.atMs)) {
    untold += Math.max(0, Math.min(atMs, toMs) - reached);
    reached = Math.max(reached, Math.min(alert.endMs, toMs));
  }
  return untold + Math.max(0, toMs - reached);
};

/** Of an event whose place is not known nothing can be false while it lasts. */
const quietMs = ({ events, watchFromMs, durationMs }: SceneClip): number => {
  const spans = events
    .filter(({ box }) => box === undefined)
    .map(({ fromMs, toMs }) => [fromMs, Math.min(toMs, durationMs)] as const)
    .sort(([a], [b]) => a - b);
  let quiet = 0;
  let reached = watchFromMs;
  for (const [fromMs, toMs] of spans) {
    quiet += Math.max(0, fromMs - reached);
    reached = Math.max(reached, toMs);
  }
  return quiet + Math.max(0, durationMs - reached);
};
