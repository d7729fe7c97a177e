// What `evaluate --dataset scenes` prints: a line a clip, then figures by kind and for all together.
import type { ClipReport, SceneEvaluation } from '../commands/evaluate/run-scene-evaluation.ts';

const figure = (value: number | null, digits = 1): string =>
  value === null ? '–' : value.toFixed(digits);

const clipLine = (report: ClipReport): string => {
  const { clip, events, falseAlerts, predictedFalseAlerts, highest, cantTell, views } = report;
  const found = events.filter((event) => event.found);
  const delays = found.map(({ delaySeconds }) => figure(delaySeconds)).join(', ');
  const cells = [
    clip.padEnd(28),
    events.length === 0 ? '   –' : `${found.length}/${events.length}`.padStart(4),
    (found.length === 0 ? '' : `${delays} s`).padEnd(12),
    `${falseAlerts} false (${figure(predictedFalseAlerts, 2)} predicted)`.padEnd(28),
    `highest ${figure(highest, 2)}`,
    views.length === 0 && report.viewWrong === 0
      ? ''
      : `  view ${report.viewRight > 0 ? 'right' : 'untold'}, ${report.viewWrong} wrong`,
  ];
  return `${cells.join('  ')}${cantTell === null ? '' : `  can't tell: ${cantTell}`}`.trimEnd();
};

export const sceneTable = ({ clips, byKind, pooled, byGroup }: SceneEvaluation): string => {
  const lines = [
    ...clips.map(clipLine),
    '',
    ...Object.entries(byKind).map(
      ([kind, { found, total }]) => `${kind.padEnd(12)}${found} of ${total}`,
    ),
    '',
    ...[...Object.entries(byGroup), ['all', pooled] as const].map(
      ([group, figures]) =>
        `${group.padEnd(10)}events ${figures.eventsFound} of ${figures.events}, after ${figure(figures.medianDelaySeconds)} s; ` +
        `told until their end ${figures.toldUntilEnd} of ${figures.lastingEvents}; ` +
        `false alerts ${figures.falseAlerts}, ${figure(figures.predictedFalseAlerts, 2)} predicted, in ${figure(figures.hours, 2)} h; ` +
        `views ${figures.viewRight} of ${figures.viewExpected}, ${figures.viewWrong} wrong` +
        (figures.untoldEvents === 0 ? '' : `; ${figures.untoldEvents} events can't be told`),
    ),
  ];
  return `${lines.join('\n')}\n`;
};
