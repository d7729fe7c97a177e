import fc from 'fast-check';
import { expect, test } from 'vitest';

import { eventRates, type ScoredClip } from '../../../../src/evaluation/measures/event-rates.ts';

const OPTIONS = { recall: 0.9, framesPerSecond: 10, mergeSeconds: 0.3 };

const clip = (labels: string, scores: readonly number[]): ScoredClip => ({
  labels: Uint8Array.from(labels, Number),
  scores: Float64Array.from(scores),
});

test('two events and two false alerts, by hand', () => {
  const clips = [
    clip('0011000000', [9, 1, 5, 8, 1, 1, 1, 1, 7, 1]),
    // Closer than 0.3 s to each other: one alert.
    clip('0000011111', [6, 1, 6, 1, 1, 4, 6, 1, 1, 1]),
  ];
  const rates = eventRates(clips, OPTIONS);
  expect(rates).toMatchObject({ threshold: 6, eventCount: 2, recall: 1 });
  // 13 normal frames are 1.3 s.
  expect(rates?.falseAlertsPerHour).toBeCloseTo((3 * 3_600) / 1.3, 6);
});

test('without events, or without normal frames, there is nothing to say', () => {
  expect(eventRates([clip('000', [1, 2, 3])], OPTIONS)).toBeNull();
  expect(eventRates([clip('111', [1, 2, 3])], OPTIONS)).toBeNull();
});

/** The same by its words: frame by frame, every threshold tried. */
const plainRates = (clips: readonly ScoredClip[], recall: number, mergeFrames: number) => {
  const thresholds = [...new Set(clips.flatMap(({ scores }) => [...scores]))].sort((a, b) => b - a);
  for (const threshold of thresholds) {
    let events = 0;
    let found = 0;
    let alerts = 0;
    for (const { scores, labels } of clips) {
      let isFound = false;
      let lastFalse = -Infinity;
      scores.forEach((score, frame) => {
        if (labels[frame] !== 0) {
          if (frame === 0 || labels[frame - 1] === 0) {
            events++;
            isFound = false;
          }
          if (score >= threshold && !isFound) {
            isFound = true;
            found++;
          }
        } else if (score >= threshold) {
          if (frame - lastFalse > Math.max(1, mergeFrames)) alerts++;
          lastFalse = frame;
        }
      });
    }
    if (events > 0 && found >= recall * events - 1e-9) return { threshold, alerts, events };
  }
  return null;
};

test('as counted frame by frame', () => {
  const frame = fc.tuple(fc.nat(1), fc.nat(9));
  const clips = fc.array(fc.array(frame, { minLength: 1, maxLength: 30 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(clips, fc.constantFrom(0.3, 0.5, 0.9, 1), (given, recall) => {
      const scored = given.map((frames) => ({
        labels: Uint8Array.from(frames, ([label]) => label),
        scores: Float64Array.from(frames, ([, score]) => score),
      }));
      const rates = eventRates(scored, { ...OPTIONS, recall });
      const plain = plainRates(scored, recall, 3);
      const normal = given.flat().filter(([label]) => label === 0).length;
      if (plain === null || normal === 0) expect(rates).toBeNull();
      else {
        expect(rates?.threshold).toBe(plain.threshold);
        expect(rates?.eventCount).toBe(plain.events);
        expect(rates?.falseAlertsPerHour).toBeCloseTo(plain.alerts / (normal / 36_000), 6);
      }
    }),
  );
});
