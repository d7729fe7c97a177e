// An evaluation as one page that needs nothing else: figures, ROC curves, score traces with the true intervals, and
// the frames that explain them. Pure: data in, text out.
import { escapeHtml } from './escape-html.ts';
import { rocChart, traceChart, type CurvePoint } from './charts.ts';
import { REPORT_STYLE } from './report-style.ts';

export interface ReportCurve {
  readonly name: string;
  readonly area: number | null;
  readonly points: readonly CurvePoint[];
}

export interface ReportTrace {
  readonly clipId: string;
  readonly scores: Float64Array;
  /** Non-zero = anomalous, one per score. */
  readonly labels: Uint8Array;
}

export interface ReportExample {
  readonly kind: string;
  readonly caption: string;
  /** data: URIs of the picture and of the picture with its heat map. */
  readonly pictureUri: string;
  readonly mapUri: string;
}

export interface EvaluationReportData {
  readonly title: string;
  readonly command: string;
  readonly headline: readonly (readonly [name: string, value: string])[];
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly curves: readonly ReportCurve[];
  readonly traces: readonly ReportTrace[];
  readonly examples: readonly ReportExample[];
}

export const evaluationReport = (data: EvaluationReportData): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(data.title)} · Patchwatch</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(data.title)}</h1><p class="command"><code>${escapeHtml(data.command)}</code></p></header>
<section class="figures">${data.headline.map(figure).join('')}</section>
${section('ROC curves', data.curves.map(curve).join(''), 'curves')}
${section('Scores over time', data.traces.length === 0 ? '' : legend + traces(data.traces), 'traces')}
${exampleSections(data.examples)}
${section('Settings', `<dl>${data.settings.map(setting).join('')}</dl>`, 'settings')}
</body>
</html>
`;

const section = (title: string, content: string, kind: string): string =>
  content === '' ? '' : `<section class="${kind}"><h2>${title}</h2>${content}</section>`;

const figure = ([name, value]: readonly [string, string]): string =>
  `<div><span>${escapeHtml(name)}</span><strong>${escapeHtml(value)}</strong></div>`;

const setting = ([name, value]: readonly [string, string]): string =>
  `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;

const curve = ({ name, area, points }: ReportCurve): string =>
  `<figure>${rocChart(points)}<figcaption>${escapeHtml(name)}${area === null ? '' : `, area ${area.toFixed(4)}`}</figcaption></figure>`;

const legend =
  '<p class="legend"><span class="true"></span>anomalous by the labels<span class="score"></span>score</p>';

const traces = (all: readonly ReportTrace[]): string => {
  const top = Math.max(...all.map(({ scores }) => scores.reduce((a, b) => Math.max(a, b), 0)));
  return all
    .map(
      ({ clipId, scores, labels }) =>
        `<figure>${traceChart(scores, labels, top)}<figcaption>${escapeHtml(clipId)}, ${scores.length} frames</figcaption></figure>`,
    )
    .join('');
};

const exampleSections = (examples: readonly ReportExample[]): string =>
  [...new Set(examples.map(({ kind }) => kind))]
    .map((kind) => {
      const ofKind = examples.filter((example) => example.kind === kind);
      return section(escapeHtml(kind), ofKind.map(exampleFigure).join(''), 'examples');
    })
    .join('\n');

const exampleFigure = ({ caption, pictureUri, mapUri }: ReportExample): string =>
  `<figure><img src="${escapeHtml(pictureUri)}" alt="frame"><img src="${escapeHtml(mapUri)}" alt="heat map"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
