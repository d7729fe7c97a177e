// Which scenes of a camera can ever be chosen, and whether some footage belongs to none: worked out minute
// by minute, for a picture with colour and for one without.
import type { SceneConfig, TimeWindow } from './config.ts';

const MINUTES = 24 * 60;
const LIGHTS = ['color', 'infrared'] as const;

export interface SceneCoverage {
  /** Scenes that never get a turn, because those before them always match. */
  readonly neverChosen: readonly SceneConfig[];
  /** What no scene matches, in words; empty when everything is watched. */
  readonly unwatched: readonly string[];
}

const contains = ({ fromMinute, toMinute }: TimeWindow, minute: number): boolean =>
  fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;

const clockText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const chosenAt = (
  scenes: readonly SceneConfig[],
  light: string,
  minute: number,
): SceneConfig | undefined =>
  scenes.find(
    (scene) =>
      (scene.light === undefined || scene.light === light) &&
      (scene.between === undefined || scene.between.some((window) => contains(window, minute))),
  );

/** Minutes as windows: [0, 1, 2, 9] is 00:00-00:03, 00:09-00:10. */
const windowsText = (minutes: readonly number[]): string => {
  const starts = minutes.filter((minute, index) => minutes[index - 1] !== minute - 1);
  const ends = minutes.filter((minute, index) => minutes[index + 1] !== minute + 1);
  return starts
    .map((start, index) => `${clockText(start)}-${clockText((ends[index] ?? start) + 1)}`)
    .join(', ');
};

export const sceneCoverage = (scenes: readonly SceneConfig[]): SceneCoverage => {
  const chosen = new Set<SceneConfig>();
  const minutesByLight = LIGHTS.map((light) => {
    const unwatched: number[] = [];
    for (let minute = 0; minute < MINUTES; minute++) {
      const scene = chosenAt(scenes, light, minute);
      if (scene === undefined) unwatched.push(minute);
      else chosen.add(scene);
    }
    return windowsText(unwatched);
  });
  const [inColor = '', inInfrared = ''] = minutesByLight;
  const unwatched =
    inColor === inInfrared
      ? [inColor]
      : [inColor && `${inColor} in color`, inInfrared && `${inInfrared} in infrared`];
  return {
    neverChosen: scenes.filter((scene) => !chosen.has(scene)),
    unwatched: unwatched.filter((text) => text !== ''),
  };
};
