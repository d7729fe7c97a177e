// The demo on real video: the lawn crossing raises an alert, ordinary passers-by don't.
import { expect, test } from 'vitest';

import { patchwatch } from '../support/patchwatch.ts';

/** People walk on the lawn in these frames; nothing unusual happens before and after. */
const CROSSING = { first: 495, last: 735 };
const QUIET_FROM = 745;

interface DemoAlert {
  readonly phase: string;
  readonly frame: number;
  readonly peakX: number;
  readonly peakY: number;
}

const alertsIn = (output: string): readonly DemoAlert[] =>
  [...output.matchAll(/alert (\w+) +frame +(\d+) .* peak at x (\d+) %, y (\d+) %/g)].map(
    (match) => ({
      phase: match[1] ?? '',
      frame: Number(match[2]),
      peakX: Number(match[3]),
      peakY: Number(match[4]),
    }),
  );

test('one pass: an alert on the lawn while people cross it, none after', async () => {
  const { code, stdout, stderr } = await patchwatch(['demo', '--once', '--port', '0']);
  expect(stderr).not.toMatch(/error/i);
  expect(code).toBe(0);
  const opened = alertsIn(stdout).filter((alert) => alert.phase === 'open');
  expect(opened.length).toBeGreaterThan(0);
  for (const alert of opened) {
    expect(alert.frame).toBeGreaterThanOrEqual(CROSSING.first);
    expect(alert.frame).toBeLessThan(QUIET_FROM);
    // The lawn fills the picture below the path.
    expect(alert.peakY).toBeGreaterThan(55);
  }
  expect(opened.some((alert) => alert.frame <= CROSSING.last)).toBe(true);
  expect(stdout).toMatch(/315 frames scored, 0 dropped/);
});
