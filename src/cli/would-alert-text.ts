// What the model before would have raised on footage that extends it, in words, and how to leave it out.
import type { WouldAlert } from '../commands/fit/old-model-watch.ts';
import { percent } from './fit-report-text.ts';

/** Left out around an alert: what it is about comes into view before and goes after. */
const MARGIN_SECONDS = 2;
/** Lines for people; all are in the JSON. */
const MOST_LINES = 20;

/** When and where, in one line. */
export const wouldAlertLine = ({ fromMs, toMs, peakScore, threshold, peak }: WouldAlert): string =>
  `${clock(fromMs / 1_000)} to ${clock(toMs / 1_000)}  at x ${percent(peak.x)}, y ${percent(peak.y)}  ` +
  `score ${peakScore.toFixed(1)} (threshold ${threshold.toFixed(1)})`;

/** Lines of a report. @param alerts undefined: no model was there to tell */
export const wouldAlertText = (
  alerts: readonly WouldAlert[] | undefined,
  isRecorded: boolean,
): readonly string[] => {
  if (alerts === undefined) return [];
  if (alerts.length === 0)
    return ['the model before would have raised no alert on the new footage'];
  const lines = alerts.slice(0, MOST_LINES).map((alert) => `  ${wouldAlertLine(alert)}`);
  const more = alerts.length - lines.length;
  return [
    `the model before would have raised ${alerts.length} alert${alerts.length === 1 ? '' : 's'} on the new footage, which is learnt as normal now:`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
    isRecorded
      ? `what of it is not normal can be left out: the same command with --again ${leaveOutOptions(alerts.slice(0, MOST_LINES))}`
      : 'if something of it is not normal: the same command with --again, at another time, learns in place of it',
  ];
};

/** Stretches that overlap become one. */
const leaveOutOptions = (alerts: readonly WouldAlert[]): string => {
  const spans: { from: number; to: number }[] = [];
  for (const { fromMs, toMs } of alerts) {
    const from = Math.max(0, Math.floor(fromMs / 1_000) - MARGIN_SECONDS);
    const to = Math.ceil(toMs / 1_000) + MARGIN_SECONDS;
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  return spans.map(({ from, to }) => `--leave-out ${clock(from)}-${clock(to)}`).join(' ');
};

/** Stream time as minutes and seconds, with hours where there are any. */
const clock = (seconds: number): string => {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor(whole / 60) % 60;
  const left = String(whole % 60).padStart(2, '0');
  return hours === 0
    ? `${minutes}:${left}`
    : `${hours}:${String(minutes).padStart(2, '0')}:${left}`;
};
