import { describe, expect, test } from 'vitest';

import { sceneId } from '../../../src/core/ids.ts';
import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { SceneRouter, type SceneRule } from '../../../src/ingest/scene-router.ts';

const DAY = sceneId('day');
const NIGHT = sceneId('night');
const ANY = sceneId('any');

const at = (hours: number, minutes = 0): number => new Date(2026, 4, 4, hours, minutes).getTime();

/** Grey, but for red that stands out by so much to the left and to the right. */
const picture = (left: number, right: number): Uint8Array => {
  const pixels = new Uint8Array(FRAME_BYTES).fill(100);
  for (let at = 0; at < FRAME_BYTES; at += 3) {
    const column = (at / 3) % FRAME_SIDE;
    pixels[at] = 100 + (column < FRAME_SIDE / 2 ? left : right);
  }
  return pixels;
};

const COLOUR = picture(10, -10);
const GREY = picture(0, 0);
const BETWEEN = picture(1, 0);

describe('SceneRouter: time of day', () => {
  const between = (fromMinute: number, toMinute: number) => [{ fromMinute, toMinute }];
  const router = new SceneRouter([
    { sceneId: DAY, between: between(6 * 60, 20 * 60) },
    { sceneId: NIGHT, between: between(20 * 60, 6 * 60) },
  ]);

  test.each([
    { hours: 0, minutes: 0, scene: NIGHT },
    { hours: 5, minutes: 59, scene: NIGHT },
    { hours: 6, minutes: 0, scene: DAY },
    { hours: 19, minutes: 59, scene: DAY },
    { hours: 20, minutes: 0, scene: NIGHT },
    { hours: 23, minutes: 59, scene: NIGHT },
  ])('$hours:$minutes is $scene', ({ hours, minutes, scene }) => {
    expect(router.sceneOf(GREY, at(hours, minutes))).toBe(scene);
  });

  test('outside every window nothing is watched', () => {
    const office = new SceneRouter([{ sceneId: DAY, between: between(9 * 60, 17 * 60) }]);
    expect(office.sceneOf(GREY, at(8, 59))).toBeUndefined();
    expect(office.sceneOf(GREY, at(9))).toBe(DAY);
    expect(office.sceneOf(GREY, at(17))).toBeUndefined();
  });

  test('any of several windows, and the first rule that matches', () => {
    const rules: SceneRule[] = [
      { sceneId: DAY, between: [...between(60, 120), ...between(300, 360)] },
      { sceneId: ANY },
    ];
    const several = new SceneRouter(rules);
    expect([1, 3, 5].map((hours) => several.sceneOf(GREY, at(hours)))).toEqual([DAY, ANY, DAY]);
  });

  test('no rules, no scene', () => {
    expect(new SceneRouter([]).sceneOf(GREY, at(12))).toBeUndefined();
  });
});

describe('SceneRouter: light', () => {
  const byLight = () =>
    new SceneRouter([
      { sceneId: DAY, light: 'color' },
      { sceneId: NIGHT, light: 'infrared' },
    ]);
  const see = (router: SceneRouter, ...pictures: Uint8Array[]) =>
    pictures.map((pixels) => router.sceneOf(pixels, at(12)));

  test('the first picture decides at once', () => {
    expect(see(byLight(), COLOUR)).toEqual([DAY]);
    expect(see(byLight(), GREY)).toEqual([NIGHT]);
  });

  test('the light changes after five pictures in a row that say so', () => {
    const router = byLight();
    see(router, COLOUR);
    expect(see(router, GREY, GREY, GREY, GREY, GREY, GREY)).toEqual([
      DAY,
      DAY,
      DAY,
      DAY,
      NIGHT,
      NIGHT,
    ]);
    expect(see(router, COLOUR, COLOUR, COLOUR, COLOUR, COLOUR)).toEqual([
      NIGHT,
      NIGHT,
      NIGHT,
      NIGHT,
      DAY,
    ]);
  });

  test('headlights in the night change nothing', () => {
    const router = byLight();
    see(router, GREY);
    const night = [COLOUR, COLOUR, COLOUR, COLOUR, GREY, COLOUR, COLOUR, COLOUR, COLOUR, GREY];
    expect(see(router, ...night)).toEqual(night.map(() => NIGHT));
  });

  test('between the two levels it stays as it was', () => {
    const dawn = Array.from({ length: 10 }, () => BETWEEN);
    const fromNight = byLight();
    see(fromNight, GREY);
    expect(new Set(see(fromNight, ...dawn))).toEqual(new Set([NIGHT]));
    const fromDay = byLight();
    see(fromDay, COLOUR);
    expect(new Set(see(fromDay, ...dawn))).toEqual(new Set([DAY]));
  });

  test('light and time together', () => {
    const router = new SceneRouter([
      { sceneId: NIGHT, light: 'infrared', between: [{ fromMinute: 0, toMinute: 360 }] },
      { sceneId: ANY },
    ]);
    expect(router.sceneOf(GREY, at(3))).toBe(NIGHT);
    expect(router.sceneOf(GREY, at(12))).toBe(ANY);
  });
});

test('colour in an area that is ignored is none', () => {
  const rules: SceneRule[] = [
    { sceneId: DAY, light: 'color' },
    { sceneId: NIGHT, light: 'infrared' },
  ];
  const right = [
    { x: 0.5, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0.5, y: 1 },
  ];
  expect(new SceneRouter(rules, [right]).sceneOf(COLOUR, at(12))).toBe(NIGHT);
});

test('a picture too dark to tell changes nothing', () => {
  const router = new SceneRouter([
    { sceneId: DAY, light: 'color' },
    { sceneId: NIGHT, light: 'infrared' },
  ]);
  expect(router.sceneOf(COLOUR, at(12))).toBe(DAY);
  const black = new Uint8Array(FRAME_BYTES);
  for (let frame = 0; frame < 20; frame++) expect(router.sceneOf(black, at(12))).toBe(DAY);
});
