// The configuration file as written: names, defaults, bounds and words of every setting. Types of the
// settings in use are in config.ts; what goes beyond one value is in cross-checks.ts.
import { z } from 'zod';

import { ENGINE_DEVICES, ENGINE_KINDS, PRECISIONS } from '../core/engine-setting.ts';
import { cameraSchema, defaultsSchema } from './camera-schema.ts';
import { byId, choice, described, section, size, text, wholeNumber } from './fields.ts';
import { queueSchema } from './queue-schema.ts';

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

const BATCH_FRAMES = 'auto, a whole number from 1 to 128';

const engine = section(
  {
    kind: choice(
      ENGINE_KINDS,
      'What runs the backbone: onnxruntime, or TensorFlow.js where it is installed; `auto` is onnx.',
    ).default('auto'),
    device: choice(
      ENGINE_DEVICES,
      'What it runs on; `auto` is a GPU where its libraries are installed. Without them, the processor.',
    ).default('auto'),
    precision: choice(
      ['auto', ...PRECISIONS],
      'What the backbone computes in. `int8` takes half the time; `auto` is int8 on a processor (`device` auto or cpu) where the backbone comes in it. Models learnt in one can’t be used in the other.',
    ).default('auto'),
    threads: wholeNumber(
      { min: 0, max: 256 },
      'Threads for scoring; 0 takes one per core.',
    ).default(0),
    batchFrames: described(
      z.union([z.literal('auto'), z.int().min(1).max(128)], { error: BATCH_FRAMES }),
      BATCH_FRAMES,
      'Frames scored in one go, at most; `auto` measures at start what the engine gains from batches.',
    ).default('auto'),
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
    queue: queueSchema.prefault({}),
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
