// An evaluation on scenes as one page that needs nothing else: figures, then for each clip its scores over time and a
// strip of pictures for every event and every false alert. Pure: data in, text out.
import { traceChart } from './charts.ts';
import { escapeHtml } from './escape-html.ts';
import { REPORT_STYLE } from './report-style.ts';

export interface ReportStrip {
  readonly caption: string;
  readonly pictures: readonly { readonly caption: string; readonly uri: string }[];
}

export interface SceneSection {
  readonly title: string;
  readonly words: string;
  /** In thresholds. */
  readonly scores: Float64Array;
  /** Non-zero where something happens, one per score. */
  readonly labels: Uint8Array;
  readonly strips: readonly ReportStrip[];
}

export interface SceneReportData {
  readonly title: string;
  readonly command: string;
  readonly headline: readonly (readonly [name: string, value: string])[];
  readonly kinds: readonly (readonly [name: string, value: string])[];
  readonly clips: readonly SceneSection[];
}

/** The top of the traces, in thresholds. */
const TRACE_TOP = 2;

const STYLE = `.strip{display:flex;gap:.4rem;overflow-x:auto;margin-top:.3rem}.strip figure{flex:0 0 9rem}.strip img{width:100%;display:block}`;

export const sceneReport = (data: SceneReportData): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(data.title)} · Patchwatch</title>
<style>${REPORT_STYLE}${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(data.title)}</h1><p class="command"><code>${escapeHtml(data.command)}</code></p></header>
<section class="figures">${data.headline.map(figure).join('')}</section>
<section><h2>Found, by kind of event</h2><div class="figures">${data.kinds.map(figure).join('')}</div></section>
${data.clips.map(section).join('\n')}
</body>
</html>
`;

const figure = ([name, value]: readonly [string, string]): string =>
  `<div><span>${escapeHtml(name)}</span><strong>${escapeHtml(value)}</strong></div>`;

const section = ({ title, words, scores, labels, strips }: SceneSection): string =>
  `<section class="traces"><h2>${escapeHtml(title)}</h2><p class="legend">${escapeHtml(words)}</p>` +
  (scores.length === 0
    ? ''
    : `<figure>${traceChart(scores.map(topped), labels, TRACE_TOP)}<figcaption>score; the middle is the threshold</figcaption></figure>`) +
  `${strips.map(strip).join('')}</section>`;

const topped = (score: number): number => Math.min(TRACE_TOP, score);

const strip = ({ caption, pictures }: ReportStrip): string =>
  `<figure><figcaption>${escapeHtml(caption)}</figcaption><div class="strip">${pictures
    .map(
      (picture) =>
        `<figure><img src="${escapeHtml(picture.uri)}" alt="${escapeHtml(picture.caption)}"><figcaption>${escapeHtml(picture.caption)}</figcaption></figure>`,
    )
    .join('')}</div></figure>`;
