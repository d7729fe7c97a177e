import fc from 'fast-check';
import { expect, test } from 'vitest';

import { markCue, markedCue } from '../../../src/core/marked-cues.ts';

test('a value tells its cue, and is what it was but for its last digit', () => {
  fc.assert(
    fc.property(fc.float({ min: 0, max: 1e6, noNaN: true }), fc.boolean(), (value, isMotion) => {
      const marked = Float32Array.of(markCue(value, isMotion))[0]!;
      expect(markedCue(marked)).toBe(isMotion ? 'motion' : 'appearance');
      expect(Math.abs(marked - value)).toBeLessThanOrEqual(value * 2 ** -22 + 1e-40);
    }),
  );
});
