// The static-scene gate on real, noisy footage with events in it: none of their frames is left out, not even right
// after a picture that stood still, nor with the bound of pauses and the time to settle taken away.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { Clip } from '../../../src/datasets/dataset.ts';
import { readImageFrames } from '../../../src/images/image-frames.ts';
import { readPed2 } from '../../../src/datasets/ped2.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { StaticGate } from '../../../src/ingest/static-gate.ts';

const PED2 = join(import.meta.dirname, '../../../../shared/data/ped2');
const STEP_MS = 100;
const HELD_FRAMES = 30;
const ONLY_CHANGE = { settleMs: 0, maxPauseMs: Infinity };

const framesOf = async (clip: Clip): Promise<Uint8Array[]> => {
  if (clip.footage.kind !== 'images') throw new TypeError('Ped2 is of images');
  const frames: Uint8Array[] = [];
  for await (const { pixels, frameCount } of readImageFrames(clip.footage.paths, 16, undefined)) {
    for (let index = 0; index < frameCount; index++) {
      frames.push(pixels.slice(index * FRAME_BYTES, (index + 1) * FRAME_BYTES));
    }
  }
  return frames;
};

test.skipIf(!existsSync(PED2))(
  'no frame of an event is left out (skipped without UCSD Ped2)',
  async () => {
    const { testClips } = await readPed2(PED2);
    const random = seededRandom(3);
    let eventFrames = 0;
    let heldLeftOut = 0;
    for (const clip of testClips) {
      const frames = await framesOf(clip);
      const gate = new StaticGate(ONLY_CHANGE);
      let atMs = 0;
      // The clip's first frame for three seconds, with the noise of a sensor: the gate is shut when life begins.
      for (let index = 0; index < HELD_FRAMES; index++, atMs += STEP_MS) {
        const held = frames[0]!.map((value) => value + Math.round(2 * random() - 1));
        if (!gate.passes(held, atMs)) heldLeftOut += 1;
      }
      const leftOut = frames.flatMap((frame, index) => {
        const isEvent = clip.labels?.[index] === 1;
        if (isEvent) eventFrames += 1;
        const passes = gate.passes(frame, atMs + index * STEP_MS);
        // The very frame that was held may be left out: it is the same picture.
        return isEvent && index > 0 && !passes ? [`${clip.id}/${index}`] : [];
      });
      expect(leftOut).toEqual([]);
    }
    expect(eventFrames).toBe(1_648);
    expect(heldLeftOut).toBe(testClips.length * (HELD_FRAMES - 1));
  },
);
