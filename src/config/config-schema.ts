// The configuration file as written: names, defaults, bounds and words of every setting. Types of the
// settings in use are in config.ts; what goes beyond one value is in cross-checks.ts.
import { z } from 'zod';

import { cameraSchema, defaultsSchema } from './camera-schema.ts';
import { byId, choice, described, duration, section, size, text, wholeNumber } from './fields.ts';

const log = section(
  {
    level: choice(
      ['trace', 'debug', 'info', 'warn', 'error'],
      'The least important messages to log.',
    ).default('info'),
    format: choice(
      ['auto', 'json', 'pretty'],
      '`json` is one object a line, `pretty` is for reading; `auto` is pretty on a terminal.',
    ).default('auto'),
  },
  'Logs go to stderr.',
);

const ORIGINS = 'a list of origins such as https://example.org';

const server = section(
  {
    host: text(
      /^[A-Za-z0-9.:_[\]-]+$/,
      'a host name or an address without port',
      'Where to listen. Beyond this machine (such as 0.0.0.0) only with `authToken`.',
    ).default('127.0.0.1'),
    port: wholeNumber({ min: 0, max: 65_535 }, 'Port to listen on; 0 takes any free one.').default(
      8095,
    ),
    authToken: text(
      /^\S+$/,
      'text without spaces',
      'The token that clients must send. Write it as `${NAME}`, or use `authTokenFile`.',
    ).exactOptional(),
    authTokenFile: text(
      /\S/,
      'a path',
      'Instead of `authToken`: a file that holds it.',
    ).exactOptional(),
    allowedOrigins: described(
      z.array(z.string({ error: ORIGINS }).regex(/^https?:\/\/[^\s/]+$/, { error: ORIGINS }), {
        error: ORIGINS,
      }),
      ORIGINS,
      'Web pages of other hosts that may connect; the own page always may.',
    ).default([]),
    maxClients: wholeNumber({ min: 1, max: 10_000 }, 'WebSocket clients at a time.').default(64),
  },
  'Page, HTTP and WebSocket.',
);

const queue = section(
  {
    kind: choice(['memory'], 'Where frames wait for scoring.').default('memory'),
    maxFramesPerCamera: wholeNumber(
      { min: 16, max: 4_096 },
      'Frames of a camera that may wait; the oldest are dropped, and counted, beyond that. A frame takes 192 KiB.',
    ).default(64),
    maxFrameAge: duration(
      '100ms',
      '1h',
      'Frames that waited longer are dropped, and counted.',
    ).default('10s'),
  },
  'Between capture and scoring.',
);

const engine = section(
  {
    kind: choice(['onnx'], 'What runs the backbone.').default('onnx'),
    threads: wholeNumber(
      { min: 0, max: 256 },
      'Threads for scoring; 0 takes one per core.',
    ).default(0),
    batchFrames: wholeNumber({ min: 1, max: 128 }, 'Frames scored in one go, at most.').default(16),
    sceneMemory: size(
      '1MB',
      '1000GB',
      'Memory for scene models; beyond it the one used longest ago is given up, and read again when it is needed. A scene takes 0.9 MB with the surveillance profile, 166 MB with the profile of the paper.',
    ).default('512MB'),
  },
  'Scoring.',
);

const ffmpeg = section(
  {
    path: text(
      /\S/,
      'a command or a path',
      'The ffmpeg to run: a command on the PATH, or a path.',
    ).default('ffmpeg'),
  },
  'Decoding.',
);

export const configSchema = section(
  {
    dataDir: text(
      /\S/,
      'a path',
      'Where models are kept. A relative path starts at the folder of the configuration file.',
    ).default('./data'),
    log: log.prefault({}),
    server: server.prefault({}),
    queue: queue.prefault({}),
    engine: engine.prefault({}),
    ffmpeg: ffmpeg.prefault({}),
    defaults: defaultsSchema.prefault({}),
    cameras: byId(
      cameraSchema,
      'a map from camera ids to settings',
      'The cameras. An id names files, metrics and messages: letters, digits, `_` and `-`.',
    ).default({}),
  },
  'Configuration of Patchwatch.',
);

/** The file's settings with the defaults filled in. */
export type ConfigDocument = z.output<typeof configSchema>;
