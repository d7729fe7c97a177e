import { expect, test } from 'vitest';

import {
  evaluationReport,
  type EvaluationReportData,
} from '../../../src/report/evaluation-report.ts';

const DATA: EvaluationReportData = {
  title: 'padim on ped2',
  command: 'patchwatch evaluate --root "<here>"',
  headline: [['frame AUROC', '0.9657']],
  settings: [['seed', '0']],
  curves: [
    {
      name: 'Frames',
      area: 0.9657,
      points: [
        { fpr: 0, tpr: 0 },
        { fpr: 0.1, tpr: 0.9 },
        { fpr: 1, tpr: 1 },
      ],
    },
  ],
  traces: [
    {
      clipId: '<01>',
      scores: Float64Array.of(1, 2, 3, 4),
      labels: Uint8Array.of(0, 1, 1, 0),
    },
  ],
  examples: [{ kind: 'misses', caption: 'clip & frame', pictureUri: 'data:a', mapUri: 'data:b' }],
};

test('one page with all that was given, escaped, and nothing from elsewhere', () => {
  const page = evaluationReport(DATA);
  expect(page).toContain('--root &quot;&lt;here&gt;&quot;');
  expect(page).toContain('&lt;01&gt;, 4 frames');
  expect(page).toContain('clip &amp; frame');
  expect(page).toContain('Frames, area 0.9657');
  expect(page).not.toMatch(/<01>|<here>|<script|https?:|url\(|@import/);
});

test('true intervals are shaded where they are', () => {
  const page = evaluationReport(DATA);
  const shades = [...page.matchAll(/<rect class="true" x="([\d.]+)" y="0" width="([\d.]+)"/g)];
  expect(shades.map(([, x, width]) => [x, width])).toEqual([['225.0', '450.0']]);
});

test('what there is nothing of has no section', () => {
  const page = evaluationReport({ ...DATA, curves: [], traces: [], examples: [] });
  expect(page).not.toMatch(/ROC curves|Scores over time|misses/);
});
