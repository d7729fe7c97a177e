import { describe, expect, it } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { MapFilter } from '../../../src/stay/nearest-state.ts';
import { StayScorer } from '../../../src/stay/stay-scorer.ts';
import type { StayModel } from '../../../src/stay/stay-model.ts';
import { ReferenceEngine, referencePlan } from '../../support/reference-engine.ts';
import { identity, madeStayModel } from './made-stay-model.ts';

const GRID = 8;
const engine = new ReferenceEngine();
const plan = referencePlan(GRID);

/** A picture of 8×8 squares, each of one grey. */
const squares = (greyOf: (patch: number) => number): Uint8Array => {
  const size = FRAME_SIDE / GRID;
  return Uint8Array.from({ length: FRAME_BYTES }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const row = Math.floor(pixel / FRAME_SIDE / size);
    return greyOf(row * GRID + Math.floor((pixel % FRAME_SIDE) / size));
  });
};
const greyOf = (patch: number): number => 60 + ((patch * 37) % 100);
const usual = squares(greyOf);

const modelOf = async (change: Partial<StayModel> = {}): Promise<StayModel> => {
  const made = madeStayModel(GRID, 3, 2);
  const { values } = await engine.embed(plan, usual, 1);
  const states = new Float32Array(made.states.length);
  // The second state: everything ten levels brighter than usual.
  states.fill(10, states.length / 2);
  return { ...made, mean: values.slice(), factor: identity(3), states, ...change };
};

describe('a slow picture held against what stays', () => {
  it('is at its usual distance where all is as ever', async () => {
    const map = await new StayScorer({ engine, plan, model: await modelOf() }).score(usual);
    // (0 − 0.25) / 0.5 / 8
    for (const value of map) expect(value).toBeCloseTo(-0.0625, 3);
  });

  it('shows the cell that changed, in thresholds', async () => {
    const model = await modelOf();
    const map = await new StayScorer({ engine, plan, model }).score(
      squares((patch) => greyOf(patch) + (patch === 27 ? 60 : 0)),
    );
    expect(map.indexOf(Math.max(...map))).toBe(27);
    const distance = new Float32Array(64);
    distance[27] = Math.sqrt(3) * (60 - 10);
    new MapFilter(GRID).apply(distance);
    expect(map[27]).toBeCloseTo((distance[27] - 0.25) / 0.5 / 8, -1);
    expect(map[0]).toBeLessThan(1);
  });

  it('knows every state of a position', async () => {
    const model = await modelOf();
    const scorer = new StayScorer({ engine, plan, model });
    const map = await scorer.score(squares((patch) => greyOf(patch) + (patch === 27 ? 10 : 0)));
    expect(map[27]).toBeLessThan(0.3);
    const other = await scorer.score(squares((patch) => greyOf(patch) + (patch === 27 ? 30 : 0)));
    expect(other[27]).toBeGreaterThan(1);
  });

  it('is not moved by light', async () => {
    const scorer = new StayScorer({ engine, plan, model: await modelOf() });
    const map = await scorer.score(squares((patch) => Math.round(1.3 * greyOf(patch) + 10)));
    for (const value of map) expect(value).toBeLessThan(0.3);
  });

  it('fills memory of its own, again and again', async () => {
    const scorer = new StayScorer({ engine, plan, model: await modelOf() });
    const first = await scorer.score(usual);
    const second = await scorer.score(squares(() => 0));
    expect(second.buffer).toBe(first.buffer);
    expect(scorer.mapSide).toBe(GRID);
    expect(scorer.sizeBytes).toBeGreaterThan(64 * 3 * 4 * 3);
  });
});
