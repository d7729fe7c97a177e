// `evaluate --dataset scenes --report DIR`: keeps pictures of what happens and of what is told, and writes the page.
import { join, resolve } from 'node:path';

import type { Alert } from '../../core/alert.ts';
import { FRAME_BYTES } from '../../core/frame.ts';
import type { SceneClip } from '../../datasets/scene-clip.ts';
import type { ClipVerdict, EventVerdict } from '../../evaluation/judge-clip.ts';
import type { ScoredFrame } from '../../reading/score-reader.ts';
import { drawOverlay } from '../../images/heat-overlay.ts';
import { sceneReport, type ReportStrip, type SceneSection } from '../../report/scene-report.ts';
import { encodeJpeg } from '../../images/frame-images.ts';
import { writeAtomically } from '../../store/atomic-write.ts';
import type { ClipReport, SceneEvaluation, SceneObserver } from './run-scene-evaluation.ts';

/** Places in an event of which pictures are kept: just before it, then by seconds, then its end. */
const BEFORE_MS = 400;
const AFTER_MS = [1_000, 3_000, 6_000];
/** Pictures of false alerts in one clip. */
const MOST_FALSE = 8;

interface Kept {
  readonly atMs: number;
  readonly uri: string;
}

interface ClipPages {
  readonly clip: SceneClip;
  readonly wantedMs: readonly number[];
  readonly scores: number[];
  readonly timesMs: number[];
  readonly wanted: Map<number, Kept>;
  readonly opened: Kept[];
  verdict: ClipVerdict | undefined;
}

export class SceneReportWriter implements SceneObserver {
  readonly #clips: ClipPages[] = [];
  readonly #overlay = new Uint8Array(FRAME_BYTES);
  #map = new Float32Array(0);
  #frame: Omit<ScoredFrame, 'map'> | undefined;
  #hasOpened = false;

  begin(clip: SceneClip): void {
    const wantedMs = clip.events.flatMap(wantedTimes);
    const kept = { scores: [], timesMs: [], wanted: new Map<number, Kept>(), opened: [] };
    this.#clips.push({ clip, wantedMs, ...kept, verdict: undefined });
  }

  frame({ map, ...frame }: ScoredFrame): void {
    if (this.#map.length !== map.length) this.#map = new Float32Array(map.length);
    this.#map.set(map);
    this.#frame = frame;
    const clip = this.#clips.at(-1);
    clip?.scores.push(frame.score / frame.threshold);
    clip?.timesMs.push(frame.stamp.mediaTimeMs);
  }

  alert({ phase }: Alert): void {
    if (phase === 'open') this.#hasOpened = true;
  }

  async picture(pixels: Uint8Array, isAlertOpen: boolean): Promise<void> {
    const clip = this.#clips.at(-1);
    const frame = this.#frame;
    const hasOpened = this.#hasOpened;
    this.#hasOpened = false;
    if (clip === undefined || frame === undefined) return;
    const atMs = frame.stamp.mediaTimeMs;
    const due = clip.wantedMs.filter((wanted) => wanted <= atMs && !clip.wanted.has(wanted));
    const isOfInterest = hasOpened && clip.opened.length < MOST_FALSE;
    if (due.length === 0 && !isOfInterest) return;
    drawOverlay({ ...frame, pixels, map: this.#map, isAlertOpen }, this.#overlay);
    const jpeg = await encodeJpeg(this.#overlay);
    const kept = { atMs, uri: `data:image/jpeg;base64,${jpeg.toString('base64')}` };
    for (const wanted of due) clip.wanted.set(wanted, kept);
    if (isOfInterest) clip.opened.push(kept);
  }

  end(verdict: ClipVerdict): void {
    const clip = this.#clips.at(-1);
    if (clip !== undefined) clip.verdict = verdict;
  }

  /** @throws PatchwatchError STORAGE_FAILED. Returns the file's path. */
  async write(folder: string, report: SceneEvaluation, command: string): Promise<string> {
    const { pooled, byKind } = report;
    const text = sceneReport({
      title: `Scenes, ${report.profile}`,
      command,
      headline: [
        ['events found', `${pooled.eventsFound} of ${pooled.events}`],
        ['false alerts', String(pooled.falseAlerts)],
        ['predicted', pooled.predictedFalseAlerts.toFixed(1)],
        ['hours', pooled.hours.toFixed(2)],
        ['view verdicts', `${pooled.viewRight} of ${pooled.viewExpected}`],
        ['wrong ones', String(pooled.viewWrong)],
      ],
      kinds: Object.entries(byKind).map(([kind, { found, total }]) => [
        kind,
        `${found} of ${total}`,
      ]),
      clips: report.clips.map((clip) =>
        sectionOf(
          clip,
          this.#clips.find((pages) => pages.clip.id === clip.clip),
        ),
      ),
    });
    const path = join(resolve(folder), 'index.html');
    await writeAtomically(path, [Buffer.from(text)]);
    return path;
  }
}

const wantedTimes = ({ fromMs, toMs }: { fromMs: number; toMs: number }): readonly number[] => [
  Math.max(0, fromMs - BEFORE_MS),
  ...AFTER_MS.map((after) => fromMs + after).filter((at) => at < toMs - BEFORE_MS),
  Math.max(fromMs, toMs - BEFORE_MS),
];

const sectionOf = (report: ClipReport, pages: ClipPages | undefined): SceneSection => {
  const { clip: title, nuisance, cantTell, falseAlerts, predictedFalseAlerts } = report;
  const words = [
    nuisance,
    `${falseAlerts} false alerts, ${predictedFalseAlerts.toFixed(2)} predicted`,
    cantTell === null ? null : `can’t tell: ${cantTell}`,
  ];
  const timesMs = pages?.timesMs ?? [];
  return {
    title,
    words: words.filter((text) => text !== null).join(' · '),
    scores: Float64Array.from(pages?.scores ?? []),
    labels: Uint8Array.from(timesMs, (atMs) =>
      pages?.clip.events.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs) === true ? 1 : 0,
    ),
    strips: pages === undefined ? [] : stripsOf(pages),
  };
};

const stripsOf = ({ clip, wanted, opened, verdict }: ClipPages): readonly ReportStrip[] => {
  const events = (verdict?.events ?? []).map((event, index): ReportStrip => {
    const times = clip.events.slice(index, index + 1).flatMap(wantedTimes);
    const kept = times.flatMap((at) => wanted.get(at) ?? []);
    return { caption: eventWords(event), pictures: kept.map(pictureOf) };
  });
  const falseTimes = new Set(verdict?.falseAlerts.map(({ openedMs }) => openedMs));
  const untrue = opened.filter(({ atMs }) => falseTimes.has(atMs));
  if (untrue.length === 0) return events;
  return [...events, { caption: 'False alerts', pictures: untrue.map(pictureOf) }];
};

const eventWords = ({ kind, words, found, delaySeconds, toldUntilEnd }: EventVerdict): string => {
  const name = kind === words ? kind : `${kind}: ${words}`;
  if (!found || delaySeconds === null) return `${name}: missed`;
  const stays =
    toldUntilEnd === null ? '' : toldUntilEnd ? ', told until its end' : ', not told until its end';
  return `${name}: found after ${delaySeconds.toFixed(1)} s${stays}`;
};

const pictureOf = ({ atMs, uri }: Kept) => ({ caption: `${(atMs / 1_000).toFixed(1)} s`, uri });
