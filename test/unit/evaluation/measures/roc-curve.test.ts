import fc from 'fast-check';
import { expect, test } from 'vitest';

import { rocAuc } from '../../../../src/evaluation/measures/roc-auc.ts';
import { rocCurve, type RocPoint } from '../../../../src/evaluation/measures/roc-curve.ts';

const areaUnder = (points: readonly RocPoint[]): number =>
  points.slice(1).reduce((area, { fpr, tpr }, index) => {
    const before = points[index]!;
    return area + ((fpr - before.fpr) * (tpr + before.tpr)) / 2;
  }, 0);

test('the area under the points is the exact AUROC, and few points come near', () => {
  const scored = fc.array(fc.tuple(fc.nat(20), fc.nat(1)), { minLength: 2, maxLength: 200 });
  fc.assert(
    fc.property(scored, (list) => {
      const scores = Float64Array.from(list, ([score]) => score);
      const labels = Uint8Array.from(list, ([, label]) => label);
      const exact = rocAuc(scores, labels);
      const points = rocCurve(scores, labels, Infinity);
      if (exact === null) {
        expect(points).toBeNull();
        return;
      }
      expect(areaUnder(points!)).toBeCloseTo(exact, 9);
      const few = rocCurve(scores, labels, 20)!;
      expect(few.length).toBeLessThanOrEqual(20);
      expect(few[0]).toEqual({ fpr: 0, tpr: 0 });
      expect(few.at(-1)).toEqual({ fpr: 1, tpr: 1 });
      expect(Math.abs(areaUnder(few) - exact)).toBeLessThan(0.12);
    }),
  );
});
