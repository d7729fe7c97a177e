import fc from 'fast-check';
import { expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { Examples, type ExampleKind } from '../../../src/evaluation/examples.ts';

interface Seen {
  readonly clip: number;
  readonly score: number;
  readonly label: number;
}

const KINDS: readonly ExampleKind[] = ['false alarm', 'miss', 'find'];
const PER_KIND = 4;
const MAP_SIDE = 2;

const footage = fc
  .uniqueArray(fc.integer({ min: 0, max: 1_000 }), { maxLength: 40 })
  .chain((scores) =>
    fc.tuple(
      ...scores.map((score) =>
        fc.record({
          score: fc.constant(score),
          clip: fc.integer({ min: 0, max: 6 }),
          label: fc.integer({ min: 0, max: 1 }),
        }),
      ),
    ),
  );

/** Shows every frame in the same memory, with its place in its first pixel and in its map. */
const observe = (examples: Examples, seen: readonly Seen[]): void => {
  const pixels = new Uint8Array(FRAME_BYTES);
  const map = new Float32Array(MAP_SIDE ** 2);
  seen.forEach(({ clip, score, label }, frame) => {
    pixels[FRAME_BYTES - 1] = frame;
    map.fill(frame);
    examples.observe({ clipId: `clip ${clip}`, frame, score, label, pixels, map, side: MAP_SIDE });
  });
  pixels.fill(255);
  map.fill(-1);
};

/** The best frame of each clip, the best clips first: by sorting all there is. */
const bestOf = (seen: readonly Seen[], kind: ExampleKind): number[] => {
  const worth = ({ score }: Seen): number => (kind === 'miss' ? -score : score);
  const ofKind = seen
    .filter(({ label }) => (label === 0) === (kind === 'false alarm'))
    .sort((a, b) => worth(b) - worth(a));
  return ofKind
    .filter(({ clip }, index) => ofKind.findIndex((other) => other.clip === clip) === index)
    .slice(0, PER_KIND)
    .map((frame) => seen.indexOf(frame));
};

test('of each kind the best frames, one a clip, best first, each with its own picture and map', () => {
  fc.assert(
    fc.property(footage, (seen) => {
      const examples = new Examples();
      observe(examples, seen);
      for (const kind of KINDS) {
        const kept = examples.all().filter((example) => example.kind === kind);
        expect(kept.map(({ frame }) => frame)).toEqual(bestOf(seen, kind));
        for (const { frame, score, clipId, pixels, map, side } of kept) {
          expect([score, clipId]).toEqual([seen[frame]!.score, `clip ${seen[frame]!.clip}`]);
          expect(pixels[FRAME_BYTES - 1]).toBe(frame);
          expect([...map]).toEqual([frame, frame, frame, frame]);
          expect(side).toBe(MAP_SIDE);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('memory does not grow: better frames take the buffers of those that they replace', () => {
  const examples = new Examples();
  const rising = (from: number): Seen[] =>
    Array.from({ length: 60 }, (_, index) => ({
      clip: index % 15,
      score: from + index,
      label: index % 2,
    }));
  observe(examples, rising(0));
  const buffers = new Set(examples.all().map(({ pixels }) => pixels.buffer));
  const maps = new Set(examples.all().map(({ map }) => map.buffer));
  expect(buffers.size).toBe(KINDS.length * PER_KIND);
  observe(examples, rising(1_000));
  expect(examples.all()).toHaveLength(KINDS.length * PER_KIND);
  expect(examples.all().every(({ pixels }) => buffers.has(pixels.buffer))).toBe(true);
  expect(examples.all().every(({ map }) => maps.has(map.buffer))).toBe(true);
});
