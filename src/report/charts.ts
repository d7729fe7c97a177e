// Charts as inline SVG; colours come from the page's style.

export interface CurvePoint {
  readonly fpr: number;
  readonly tpr: number;
}

const ROC_SIDE = 300;
const ROC_MARGIN = 34;
const TRACE_WIDTH = 900;
const TRACE_HEIGHT = 90;

const fixed = (value: number): string => value.toFixed(1);

const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${fixed(x)} ${fixed(y)}`).join('');

export const rocChart = (points: readonly CurvePoint[]): string => {
  const size = ROC_SIDE + ROC_MARGIN + 10;
  const x = (fpr: number): number => ROC_MARGIN + fpr * ROC_SIDE;
  const y = (tpr: number): number => 10 + (1 - tpr) * ROC_SIDE;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const grid = ticks
    .map((tick) => {
      const lines = `M${fixed(x(tick))} ${fixed(y(0))}V${fixed(y(1))}M${fixed(x(0))} ${fixed(y(tick))}H${fixed(x(1))}`;
      const labels = `<text x="${fixed(x(tick))}" y="${fixed(y(0) + 16)}" text-anchor="middle">${tick}</text><text x="${fixed(x(0) - 6)}" y="${fixed(y(tick) + 4)}" text-anchor="end">${tick}</text>`;
      return `<path class="grid" d="${lines}"/>${labels}`;
    })
    .join('');
  const line = path(points.map(({ fpr, tpr }) => [x(fpr), y(tpr)]));
  return `<svg viewBox="0 0 ${size} ${size}" role="img" aria-label="ROC curve">${grid}<path class="chance" d="M${fixed(x(0))} ${fixed(y(0))}L${fixed(x(1))} ${fixed(y(1))}"/><path class="line" d="${line}"/></svg>`;
};

/** Scores of one clip from 0 to `top`, intervals with a label shaded. */
export const traceChart = (scores: Float64Array, labels: Uint8Array, top: number): string => {
  const step = TRACE_WIDTH / Math.max(1, scores.length);
  const y = (score: number): number => TRACE_HEIGHT * (1 - score / (top || 1));
  const shades: string[] = [];
  let first: number | undefined;
  for (let frame = 0; frame <= labels.length; frame++) {
    if (labels[frame] !== undefined && labels[frame] !== 0) first ??= frame;
    else if (first !== undefined) {
      shades.push(
        `<rect class="true" x="${fixed(first * step)}" y="0" width="${fixed((frame - first) * step)}" height="${TRACE_HEIGHT}"/>`,
      );
      first = undefined;
    }
  }
  const line = path([...scores].map((score, frame) => [(frame + 0.5) * step, y(score)]));
  return `<svg viewBox="0 0 ${TRACE_WIDTH} ${TRACE_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="scores">${shades.join('')}<path class="line" d="${line}"/></svg>`;
};
