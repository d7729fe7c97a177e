// A scene as a fixed camera sees it: walls and lawn with edges of all directions, noise, and somebody who walks through.
import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import type { LearnedBatch } from '../../../src/core/ports/part-learner.ts';
import type { ModelPart } from '../../../src/core/model-part.ts';
import { ViewLearner } from '../../../src/view/view-learner.ts';
import { ViewMeter } from '../../../src/view/view-meter.ts';
import { readingOf, type ViewReading } from '../../../src/view/view-fields.ts';

/** Even numbers in −1..1, the same in every run. */
export const noise = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
};

const POINTS = Array.from({ length: 160 }, (_, index) => {
  const next = noise(index + 1);
  next();
  return { x: 140 * next() + 128, y: 140 * next() + 128, size: 6 + 5 * next(), level: 55 * next() };
});

/** Luma of the scene at a point, in pixels; sharp blobs on a slope of light. */
const lumaAt = (x: number, y: number): number =>
  POINTS.reduce(
    (luma, point) => {
      const inside = point.size - Math.hypot(x - point.x, y - point.y);
      return inside <= -1 ? luma : luma + point.level * Math.min(1, (inside + 1) / 2);
    },
    110 + y / 12,
  );

export type Placing = (x: number, y: number) => readonly [number, number];

const scenes = new Map<string, Float32Array>();
/** The scene as it lies where the camera was turned to; computed once by name. */
export const sceneAt = (name: string, place: Placing): Float32Array => {
  const known = scenes.get(name);
  if (known !== undefined) return known;
  const luma = Float32Array.from({ length: FRAME_SIDE ** 2 }, (_, at) =>
    lumaAt(...place(at % FRAME_SIDE, Math.floor(at / FRAME_SIDE))),
  );
  scenes.set(name, luma);
  return luma;
};
export const SCENE = sceneAt('learnt', (x, y) => [x, y]);

/** Luma to a frame with noise of about `deviation` grey levels. */
export const frameOf = (luma: Float32Array, seed: number, deviation = 2): Uint8Array => {
  const next = noise(seed + 1_000);
  const pixels = new Uint8Array(FRAME_BYTES);
  luma.forEach((value, at) => {
    const noisy = value + 1.7 * deviation * next();
    pixels.fill(Math.max(0, Math.min(255, Math.round(noisy))), 3 * at, 3 * at + 3);
  });
  return pixels;
};

/** The normal scene at a moment: somebody walks through it. */
export const normalFrame = (index: number): Uint8Array => {
  const pixels = frameOf(SCENE, index);
  const left = (index * 5) % 200;
  for (let y = 120; y < 170; y++)
    pixels.fill(40, 3 * (y * FRAME_SIDE + left), 3 * (y * FRAME_SIDE + left + 16));
  return pixels;
};

export const batchOf = (
  frames: readonly Uint8Array[],
  hasContext: boolean,
  firstMs: number,
): LearnedBatch => {
  const pixels = new Uint8Array(frames.length * FRAME_BYTES);
  frames.forEach((frame, index) => {
    pixels.set(frame, index * FRAME_BYTES);
  });
  const count = frames.length - (hasContext ? 1 : 0);
  return {
    pixels,
    hasContext,
    timesMs: Array.from({ length: count }, (_, at) => firstMs + at * 200),
  };
};

let learnt: ModelPart | undefined;
export const learntPart = (): ModelPart => {
  if (learnt !== undefined) return learnt;
  const learner = new ViewLearner();
  const frames = Array.from({ length: 40 }, (_, index) => normalFrame(index));
  learner.add(batchOf(frames, false, 0));
  learnt = learner.finish();
  if (learnt === undefined) throw new Error('40 frames tell nothing');
  return learnt;
};

export const measure = (frames: readonly Uint8Array[]): ViewReading => {
  const { pixels } = batchOf(frames, true, 0);
  const meter = new ViewMeter(learntPart());
  const reading = readingOf(
    meter.measure({ pixels, frameCount: frames.length - 1, hasContext: true }),
  );
  if (reading === undefined) throw new Error('no reading');
  return reading;
};
