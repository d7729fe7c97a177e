// Figures of clips together, by kind of event and by kind of footage.
import type { ClipGroup } from '../datasets/scene-clip.ts';
import type { EventVerdict } from './judge-clip.ts';

export interface ClipFigures {
  readonly group: ClipGroup;
  readonly events: readonly EventVerdict[];
  readonly falseAlerts: number;
  readonly predictedFalseAlerts: number;
  /** In which every alert would be false. */
  readonly hours: number;
  readonly viewExpected: boolean;
  readonly viewRight: number;
  readonly viewWrong: number;
  /** True where the clip could be watched. */
  readonly isTold: boolean;
}

export interface KindFigures {
  readonly found: number;
  readonly total: number;
}

export interface PooledFigures {
  readonly events: number;
  readonly eventsFound: number;
  /** Median of those found; null where none was. */
  readonly medianDelaySeconds: number | null;
  /** Of the events found that last: how many stayed told until they ended. */
  readonly toldUntilEnd: number;
  readonly lastingEvents: number;
  readonly falseAlerts: number;
  readonly predictedFalseAlerts: number;
  readonly hours: number;
  readonly viewExpected: number;
  readonly viewRight: number;
  readonly viewWrong: number;
  /** Events of clips that can't be learnt or watched; not among the others. */
  readonly untoldEvents: number;
}

export const poolClips = (clips: readonly ClipFigures[]): PooledFigures => {
  const told = clips.filter(({ isTold }) => isTold);
  const events = told.flatMap((clip) => clip.events);
  const found = events.filter((event) => event.found);
  const delays = found.map(({ delaySeconds }) => delaySeconds ?? 0).sort((a, b) => a - b);
  const lasting = found.filter(({ toldUntilEnd }) => toldUntilEnd !== null);
  const sum = (figure: (clip: ClipFigures) => number): number =>
    told.reduce((total, clip) => total + figure(clip), 0);
  return {
    events: events.length,
    eventsFound: found.length,
    medianDelaySeconds: delays[Math.floor(delays.length / 2)] ?? null,
    toldUntilEnd: lasting.filter(({ toldUntilEnd }) => toldUntilEnd).length,
    lastingEvents: lasting.length,
    falseAlerts: sum((clip) => clip.falseAlerts),
    predictedFalseAlerts: sum((clip) => clip.predictedFalseAlerts),
    hours: sum((clip) => clip.hours),
    viewExpected: sum((clip) => (clip.viewExpected ? 1 : 0)),
    viewRight: sum((clip) => clip.viewRight),
    viewWrong: sum((clip) => clip.viewWrong),
    untoldEvents: clips
      .filter(({ isTold }) => !isTold)
      .reduce((total, clip) => total + clip.events.length, 0),
  };
};

export const byKind = (clips: readonly ClipFigures[]): Readonly<Record<string, KindFigures>> => {
  const kinds: Record<string, KindFigures> = {};
  for (const { kind, found } of clips.flatMap((clip) => (clip.isTold ? clip.events : []))) {
    const known = kinds[kind] ?? { found: 0, total: 0 };
    kinds[kind] = { found: known.found + (found ? 1 : 0), total: known.total + 1 };
  }
  return kinds;
};
