import { expect, test } from 'vitest';

import type { SceneConfig } from '../../../src/config/config.ts';
import { sceneCoverage } from '../../../src/config/scene-coverage.ts';
import { sceneId } from '../../../src/core/ids.ts';

const HOURS = (from: number, to: number) => ({ fromMinute: from * 60, toMinute: to * 60 });

const scene = (id: string, rule: Partial<SceneConfig> = {}): SceneConfig => ({
  sceneId: sceneId(id),
  between: undefined,
  light: undefined,
  ...rule,
});

const covered = (...scenes: SceneConfig[]): { unwatched: readonly string[]; never: string[] } => {
  const { neverChosen, unwatched } = sceneCoverage(scenes);
  return { unwatched, never: neverChosen.map((one) => one.sceneId) };
};

test('colour and infrared together watch everything', () => {
  const day = scene('day', { light: 'color' });
  const night = scene('night', { light: 'infrared' });
  expect(covered(day, night)).toEqual({ unwatched: [], never: [] });
  expect(covered(day)).toEqual({ unwatched: ['00:00-24:00 in infrared'], never: [] });
});

test('windows that wrap around midnight meet those that do not', () => {
  const day = scene('day', { between: [HOURS(6, 22)] });
  expect(covered(day, scene('night', { between: [HOURS(22, 6)] }))).toEqual({
    unwatched: [],
    never: [],
  });
  expect(covered(day, scene('late', { between: [HOURS(23, 5)] })).unwatched).toEqual([
    '05:00-06:00, 22:00-23:00',
  ]);
});

test('a scene is never chosen only when those before it take all of its time', () => {
  const morning = scene('morning', { between: [HOURS(6, 12)] });
  const afternoon = scene('afternoon', { between: [HOURS(12, 18)] });
  const work = scene('work', { between: [HOURS(8, 17)] });
  const late = scene('late', { between: [HOURS(8, 19)] });
  expect(covered(morning, afternoon, work, scene('rest')).never).toEqual(['work']);
  expect(covered(morning, afternoon, late, scene('rest')).never).toEqual([]);
});
