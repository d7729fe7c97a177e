import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Embedding } from '../../../src/core/ports/engine.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import { FlowKernel, compileFlowModule } from '../../../src/motion/flow-kernel.ts';
import { MotionField } from '../../../src/motion/motion-field.ts';
import { CueExtractor, type Cues } from '../../../src/padim/cue-extractor.ts';
import type { FrameRun } from '../../../src/padim/frame-run.ts';
import { referencePlan } from '../../support/reference-engine.ts';
import { movingPattern } from '../motion/motion-goldens.ts';
import { ReusingEngine, runAt } from './made-footage.ts';

const FRAMES = 7;
const footage = movingPattern(1.3, -0.4, FRAMES);
const wasm = compileFlowModule(
  readFileSync(new URL('../../../assets/motion/flow.wasm', import.meta.url)),
);

const extractor = (withChange = true, withMotion = true): CueExtractor =>
  new CueExtractor({
    engine: new ReusingEngine(),
    plan: referencePlan(8),
    withChange,
    motion: withMotion ? new MotionField(new FlowKernel(wasm)) : undefined,
  });

/** (frame)(patch, channel), copied out of memory that is used again. */
const byFrame = ({ patchCount, frameCount, dimensions, values }: Embedding): number[][] =>
  Array.from({ length: frameCount }, (_, frame) =>
    Array.from({ length: patchCount }, (_unused, patch) => {
      const from = (patch * frameCount + frame) * dimensions;
      return [...values.subarray(from, from + dimensions)];
    }).flat(),
  );

const copyOf = ({ appearance, change, motion }: Cues) => ({
  appearance: byFrame(appearance),
  change: change && byFrame(change),
  motion: motion && byFrame(motion),
});

const extractAll = async (one: CueExtractor, runs: readonly FrameRun[]) => {
  const cues: ReturnType<typeof copyOf>[] = [];
  for (const run of runs) cues.push(copyOf(await one.extract(run)));
  return {
    appearance: cues.flatMap(({ appearance }) => appearance),
    change: cues.flatMap(({ change }) => change ?? []),
    motion: cues.flatMap(({ motion }) => motion ?? []),
  };
};

describe('CueExtractor', () => {
  const together = extractAll(extractor(), [runAt(footage, 0, FRAMES, 'none')]);

  test('cues do not depend on how frames are cut into runs, nor on how the frame before is told', async () => {
    const expected = await together;
    const cut = fc.array(
      fc.record({
        frameCount: fc.integer({ min: 1, max: FRAMES }),
        context: fc.constantFrom('given' as const, 'seen' as const),
      }),
      { minLength: FRAMES, maxLength: FRAMES },
    );
    await fc.assert(
      fc.asyncProperty(cut, async (pieces) => {
        const one = extractor();
        const runs: FrameRun[] = [];
        let first = 0;
        for (const piece of pieces) {
          const count = Math.min(piece.frameCount, FRAMES - first);
          if (count > 0) {
            runs.push(runAt(footage, first, count, first === 0 ? 'none' : piece.context));
          }
          first += count;
        }
        expect(await extractAll(one, runs)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  test('an extractor that saw other frames takes the frame before as it is given', async () => {
    const one = extractor();
    await one.extract(runAt(movingPattern(-3, 2, 2), 0, 2, 'none'));
    const { appearance, change, motion } = await extractAll(one, [runAt(footage, 3, 4, 'given')]);
    const expected = await together;
    expect(appearance).toEqual(expected.appearance.slice(3));
    expect(change).toEqual(expected.change.slice(3));
    expect(motion).toEqual(expected.motion.slice(3));
  });

  test('after a gap nothing is left of the frames before it', async () => {
    const one = extractor();
    await one.extract(runAt(movingPattern(-3, 2, 2), 0, 2, 'none'));
    expect(await extractAll(one, [runAt(footage, 0, FRAMES, 'none')])).toEqual(await together);
  });

  test('change is what the embedding differs by from the frame before; the first has none', async () => {
    const { appearance, change, motion } = await together;
    for (let frame = 0; frame < FRAMES; frame++) {
      const now = appearance[frame]!;
      const before = appearance[Math.max(0, frame - 1)]!;
      now.forEach((value, index) => {
        const channel = index % 3;
        const to = ((index - channel) / 3) * 6 + channel;
        expect(change[frame]![to]).toBe(value);
        expect(change[frame]![to + 3]).toBeCloseTo(value - before[index]!, 4);
      });
      expect(motion[frame]!.some((value) => value > 0)).toBe(frame > 0);
    }
  });

  test.each([
    { withChange: false, withMotion: false },
    { withChange: true, withMotion: false },
    { withChange: false, withMotion: true },
  ])('only what is asked for: %o', async ({ withChange, withMotion }) => {
    const one = extractor(withChange, withMotion);
    const { appearance, change, motion } = await extractAll(one, [
      runAt(footage, 0, 3, 'none'),
      runAt(footage, 3, 4, 'given'),
    ]);
    const expected = await together;
    expect(appearance).toEqual(expected.appearance);
    expect(change).toEqual(withChange ? expected.change : []);
    expect(motion).toEqual(withMotion ? expected.motion : []);
  });

  test('an embedding that fails leaves nothing running: the next run is as if nothing had been', async () => {
    class FailingOnce extends ReusingEngine {
      #hasFailed = false;

      override embed(...asked: Parameters<ReusingEngine['embed']>): Promise<Embedding> {
        if (this.#hasFailed) return super.embed(...asked);
        this.#hasFailed = true;
        return Promise.reject(new Error('out of memory'));
      }
    }
    const field = new MotionField(new FlowKernel(wasm));
    let running = 0;
    // Answers later, as a thread does.
    const motion: MotionEstimator = {
      grid: field.grid,
      channelCount: field.channelCount,
      estimate: async (...asked) => {
        running += 1;
        await new Promise(setImmediate);
        field.estimate(...asked);
        running -= 1;
      },
    };
    const one = new CueExtractor({
      engine: new FailingOnce(),
      plan: referencePlan(8),
      withChange: true,
      motion,
    });
    const run = runAt(footage, 0, FRAMES, 'none');

    await expect(one.extract(run)).rejects.toThrow('out of memory');
    expect(running).toBe(0);
    expect(await extractAll(one, [run])).toEqual(await together);
  });
});
