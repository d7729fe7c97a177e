// `evaluate --report DIR`: watches an evaluation and writes its page.
import { join, resolve } from 'node:path';

import { CURVE_POINTS, type EvaluationObserver } from '../../evaluation/evaluate-dataset.ts';
import {
  Examples,
  type Example,
  type ExampleKind,
  type ObservedFrame,
} from '../../evaluation/examples.ts';
import { FRAME_BYTES } from '../../core/frame.ts';
import { rocCurve, type RocPoint } from '../../evaluation/measures/roc-curve.ts';
import { evaluationReport, type ReportExample } from '../../report/evaluation-report.ts';
import { drawOverlay } from '../../images/heat-overlay.ts';
import { encodeJpeg } from '../../images/frame-images.ts';
import { writeAtomically } from '../../store/atomic-write.ts';
import type { EvaluationReport } from './run-evaluation.ts';

interface Trace {
  readonly clipId: string;
  readonly scores: number[];
  readonly labels: number[];
}

const PLURAL: Record<ExampleKind, string> = {
  'false alarm': 'False alarms: the highest scores without an event',
  miss: 'Misses: the lowest scores in an event',
  find: 'Finds: the highest scores in an event',
};

const HEADLINE = {
  frameAuroc: 'frame AUROC',
  pixelAuroc: 'pixel AUROC',
  proScore: 'PRO',
  falseAlertsPerHour: 'false alerts an hour, 9 of 10 events found',
  scoreFramesPerSecond: 'frames scored a second',
} as const;

export class ReportWriter implements EvaluationObserver {
  readonly #examples = new Examples();
  readonly #traces: Trace[] = [];
  #pixelCurve: readonly RocPoint[] = [];

  frame(frame: ObservedFrame): void {
    this.#examples.observe(frame);
    let trace = this.#traces.at(-1);
    if (trace?.clipId !== frame.clipId) {
      trace = { clipId: frame.clipId, scores: [], labels: [] };
      this.#traces.push(trace);
    }
    trace.scores.push(frame.score);
    trace.labels.push(frame.label);
  }

  pixelCurve(points: readonly RocPoint[]): void {
    this.#pixelCurve = points;
  }

  /** @throws PatchwatchError STORAGE_FAILED. Returns the file's path. */
  async write(folder: string, report: EvaluationReport, command: string): Promise<string> {
    const traces = this.#traces.map(({ clipId, scores, labels }) => ({
      clipId,
      scores: Float64Array.from(scores),
      labels: Uint8Array.from(labels),
    }));
    const curve = rocCurve(
      Float64Array.from(traces.flatMap(({ scores }) => [...scores])),
      Uint8Array.from(traces.flatMap(({ labels }) => [...labels])),
      CURVE_POINTS,
    );
    const text = evaluationReport({
      title: `${report.method} on ${report.dataset}${report.category === null ? '' : `/${report.category}`}`,
      command,
      headline: Object.entries(HEADLINE).map(([name, words]) => [
        words,
        shown(report[name as keyof typeof HEADLINE]),
      ]),
      settings: Object.entries(report)
        .filter(([name]) => !(name in HEADLINE) && name !== 'runs')
        .map(([name, value]) => [name, shown(value as string | number | null)]),
      curves: [
        { name: 'Frames', area: report.frameAuroc, points: curve ?? [] },
        { name: 'Pixels', area: report.pixelAuroc, points: this.#pixelCurve },
      ].filter(({ points }) => points.length > 0),
      traces: report.footageKind === 'stills' ? [] : traces,
      examples: await Promise.all(this.#examples.all().map(pictured)),
    });
    const path = join(resolve(folder), 'index.html');
    await writeAtomically(path, [Buffer.from(text)]);
    return path;
  }
}

const shown = (value: string | number | null): string => {
  if (typeof value !== 'number') return value ?? '–';
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
};

const pictured = async (example: Example): Promise<ReportExample> => {
  const { kind, clipId, frame, score, pixels, map, side } = example;
  const overlay = new Uint8Array(FRAME_BYTES);
  // Warm from half of this frame's own peak on: what it was judged by.
  const threshold = score > 0 ? score : 1;
  drawOverlay({ pixels, map, side, score, threshold, isAlertOpen: false }, overlay);
  return {
    kind: PLURAL[kind],
    caption: `${clipId}, frame ${frame}, score ${score.toFixed(2)}`,
    pictureUri: await jpegUri(pixels),
    mapUri: await jpegUri(overlay),
  };
};

const jpegUri = async (pixels: Uint8Array): Promise<string> =>
  `data:image/jpeg;base64,${(await encodeJpeg(pixels)).toString('base64')}`;
