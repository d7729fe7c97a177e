// What can be set for a camera: every setting once, with its default, its bounds and its words. `defaults:`
// takes these with the defaults filled in; `cameras.<id>:` takes them as overrides, and `url` besides.
import { z } from 'zod';

import {
  byId,
  choice,
  described,
  duration,
  flag,
  number,
  overrides,
  section,
  text,
  wholeNumber,
} from './fields.ts';

const alertThreshold = () => {
  const error = 'auto, a number above 0';
  return described(
    z.union([z.literal('auto'), z.number().gt(0)], { error }),
    error,
    'Score from which a frame is unusual. `auto` takes the threshold found when the scene was fitted.',
  );
};

export const ALERT_SHAPE = {
  threshold: alertThreshold().default('auto'),
  budget: number(
    { min: 0.01, max: 10_000 },
    'Used by `fit`: false alerts a day that are acceptable. The threshold is set so that normal footage is expected to raise no more.',
  ).default(2),
  hysteresis: number(
    { min: 0.1, max: 1 },
    'The closing level as a fraction of the threshold: a score that trembles about the threshold is one alert, not many.',
  ).default(0.9),
  minDuration: duration(
    '0s',
    '1h',
    'Scores must stay high this long before an alert opens.',
  ).default('500ms'),
  cooldown: duration(
    '0s',
    '24h',
    'An alert closes when no score has reached the closing level for this long.',
  ).default('5s'),
  updateInterval: duration(
    '100ms',
    '1h',
    'While an alert is open, an update is sent this often.',
  ).default('1s'),
};

const TIME_WINDOW = /^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

const sceneRule = section(
  {
    between: described(
      z
        .array(
          z.string({ error: 'times such as "22:00-06:00"' }).regex(TIME_WINDOW, {
            error: 'times such as "22:00-06:00"',
          }),
          { error: 'a list of times such as ["22:00-06:00"]' },
        )
        .min(1, { error: 'a list of times such as ["22:00-06:00"]' }),
      'a list of times such as ["22:00-06:00"]',
      'Local times of day at which the scene applies; a window may wrap around midnight. Always, when left out.',
    ).exactOptional(),
    light: choice(
      ['color', 'infrared'],
      'Applies while the picture has colour (`color`) or none (`infrared`: night mode). In both, when left out.',
    ).exactOptional(),
  },
  'When the scene applies. Without a rule, always.',
);

const FRACTION = 'points [x, y] in fractions of the picture, 0 to 1';
const fraction = z
  .number({ error: FRACTION })
  .min(0, { error: FRACTION })
  .max(1, { error: FRACTION });
const POLYGONS = 'a list of polygons, each a list of 3 or more points [x, y]';
const point = z.tuple([fraction, fraction], { error: FRACTION });

export const CAMERA_SHAPE = {
  enabled: flag('`false` leaves the camera out without deleting its settings.').default(true),
  transport: choice(
    ['tcp', 'udp'],
    'How RTSP carries the pictures. `tcp` loses nothing; `udp` is for cameras that offer nothing else.',
  ).default('tcp'),
  realtime: flag(
    'Files: play at their own speed, as if live. `false` plays as fast as possible.',
  ).default(true),
  loop: flag('Files: start again at the end.').default(false),
  decode: choice(
    ['all', 'reference', 'key'],
    'Which frames are decoded: `reference` leaves out those that no other frame needs, `key` all but key frames. Cheaper, but frames come less evenly, or seldom: see the guide to tuning.',
  ).default('all'),
  lowres: wholeNumber(
    { min: 0, max: 3 },
    'Decodes pictures at a half (1), a quarter (2) or an eighth (3) of their size, where the codec can: MJPEG and MPEG-4 can, H.264 and H.265 can’t and decode in full.',
  ).default(0),
  fps: number(
    { min: 0.1, max: 30 },
    'Frames per second to watch. Frames between are skipped; none are invented when the camera sends fewer.',
  ).default(5),
  staticGate: flag(
    'Leaves out frames in which nothing has changed since the last that was scored, but for one a second. They are counted as dropped, with the reason `unchanged`.',
  ).default(false),
  profile: choice(
    ['surveillance', 'paper'],
    'The method: `surveillance` is made for video, `paper` is PaDiM as published.',
  ).default('surveillance'),
  change: flag(
    'Used by `fit`: the surveillance profile also judges how patches change from frame to frame.',
  ).default(true),
  motion: flag(
    'Used by `fit`: the surveillance profile also judges what moves, and how fast.',
  ).default(true),
  stay: flag(
    'Also judges what stays: things left behind, taken away, or standing where nothing stands. They are told as changes, for as long as they last.',
  ).default(true),
  backbone: text(
    /^[a-z0-9][a-z0-9._-]*$/,
    'a name from `patchwatch backbone list`',
    'The network that describes the patches of a picture.',
  ).default('efficientnet-lite0'),
  seed: wholeNumber(
    { min: 0, max: 4_294_967_295 },
    'Used by `fit`: chooses the channels that are kept.',
  ).default(0),
  maxLatency: duration(
    '50ms',
    '1m',
    'How long a frame may take to its score. More allows larger batches, which cost less.',
  ).default('1s'),
  stallTimeout: duration(
    '1s',
    '10m',
    'A camera silent for this long is taken as stalled and opened again.',
  ).default('20s'),
  smoothing: number(
    { min: 0.01, max: 1 },
    'Weight of the newest anomaly map in the moving average over time; 1 turns averaging off.',
  ).default(0.5),
  ignore: described(
    z.array(z.array(point, { error: POLYGONS }).min(3, { error: POLYGONS }), { error: POLYGONS }),
    POLYGONS,
    'Areas that never count, in fractions of the picture, origin at the top left.',
  ).default([]),
  scenes: byId(
    sceneRule,
    'a map from scene ids to rules',
    'Scenes that are learnt apart, such as day and night. The first whose rule matches is used, in the order of the file.',
  ).default({ default: {} }),
};

const alertDescription = 'From score to alert.';

/** `defaults:`: complete, whatever was left out. */
export const defaultsSchema = section(
  { ...CAMERA_SHAPE, alert: section(ALERT_SHAPE, alertDescription).prefault({}) },
  'Settings of all cameras; each can be overridden under `cameras.<id>`.',
);

/**
 * An address of a known scheme, or a path (`C:` is a drive): what begins like an address but is none is a slip, not a path. A `/`, `?` or
 * `#` in a password ends the host too early, which its port then shows.
 */
const SOURCE_URL =
  /^(?:(?:rtsps?|https?):\/\/(?:[^\s/?#]*@)?(?:\[[^\s\]]+\]|[^\s/?#@:]+)(?::\d+)?(?:[/?#]\S*)?$|file:\/\/\/|(?!(?:rtsps?|https?|file)[:/])(?!\/\/)(?![^\s/]*:[^\s/]*@)(?![^\s/:]+:\d+(?:\/|$))(?![^\s/]*:\S+:\/\/)(?![a-zA-Z][a-zA-Z0-9+.-]+:)(?![a-zA-Z]:\/\/)\S)/;
export const URL_ALLOWED =
  'rtsp://…, rtsps://…, http://…, https://… (write / ? # @ % in a password as %2F %3F %23 %40 %25), file:///…, a video file, a folder of frames, /dev/video0';

/** `cameras.<id>:`: only what was written there. */
export const cameraSchema = section(
  {
    url: text(
      SOURCE_URL,
      URL_ALLOWED,
      'Where the pictures come from. A relative path starts at the folder of the configuration file.',
    ).exactOptional(),
    urlFile: text(
      /\S/,
      'a path',
      'Instead of `url`: a file that holds it, for addresses with a password.',
    ).exactOptional(),
    ...overrides(CAMERA_SHAPE),
    alert: section(overrides(ALERT_SHAPE), alertDescription).exactOptional(),
  },
  'One camera.',
);
