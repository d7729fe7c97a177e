// Settings of the queue between capture and scoring, and of the Redis that carries it across machines.
import { z } from 'zod';

import { ID_PATTERN } from '../core/ids.ts';
import {
  choice,
  described,
  duration,
  flag,
  ID_ALLOWED,
  section,
  text,
  wholeNumber,
} from './fields.ts';

/** Host names, IPv4, or IPv6 in brackets. */
const NODE_PATTERN = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;
export const REDIS_URL_PATTERN = /^rediss?:\/\/[^\s/?#]+(?:\/\d*)?$/;
export const REDIS_URL_ALLOWED = 'redis://host:6379, or rediss://host:6379 with TLS';

const nodes = (description: string) => {
  const allowed = 'a list of host:port';
  return described(
    z.array(z.string({ error: allowed }).regex(NODE_PATTERN, { error: allowed }), {
      error: allowed,
    }),
    allowed,
    description,
  ).default([]);
};

const path = (description: string) => text(/\S/, 'a path', description).exactOptional();

const secret = (description: string) =>
  text(/^\S+$/, 'text without spaces', description).exactOptional();

const tls = section(
  {
    enabled: flag(
      'TLS to every node; an address that begins with rediss:// needs no more.',
    ).default(false),
    caFile: path('Certificate of the authority that signed the server’s; otherwise the system’s.'),
    certFile: path('Certificate of this client, when Redis asks for one.'),
    keyFile: path('Its key.'),
  },
  'TLS to Redis.',
);

const redis = section(
  {
    url: text(
      REDIS_URL_PATTERN,
      REDIS_URL_ALLOWED,
      'One Redis. Put user and password into `username` and `password`, or here as `${NAME}`.',
    ).exactOptional(),
    urlFile: path('Instead of `url`: a file that holds it.'),
    sentinels: nodes('Instead of `url`: the sentinels to ask for the master.'),
    sentinelName: text(
      /^\S+$/,
      'text without spaces',
      'Name of the master that the sentinels watch.',
    ).exactOptional(),
    sentinelPassword: secret('Password of the sentinels themselves.'),
    sentinelPasswordFile: path('Instead of `sentinelPassword`: a file that holds it.'),
    cluster: nodes('Instead of `url`: nodes of a Redis Cluster; the others are found.'),
    username: text(/^\S+$/, 'text without spaces', 'User of Redis 6 and later.').exactOptional(),
    password: secret('Its password. Write it as `${NAME}`, or use `passwordFile`.'),
    passwordFile: path('Instead of `password`: a file that holds it.'),
    namespace: text(
      ID_PATTERN,
      ID_ALLOWED,
      'Begins every key, so that several installations can share one Redis.',
    ).default('default'),
    tls: tls.prefault({}),
  },
  'The Redis of `kind: bullmq`.',
);

export const queueSchema = section(
  {
    kind: choice(
      ['memory', 'bullmq'],
      'Where frames wait for scoring: in this process, or in Redis for workers on other machines.',
    ).default('memory'),
    maxFramesPerCamera: wholeNumber(
      { min: 16, max: 4_096 },
      'Frames of a camera that may wait; the oldest are dropped, and counted, beyond that. A frame takes 192 KiB.',
    ).default(64),
    maxFrameAge: duration(
      '100ms',
      '1h',
      'Frames that waited longer are dropped, and counted.',
    ).default('10s'),
    lockDuration: duration(
      '1s',
      '10m',
      'With `bullmq`: a worker that is not heard of for this long is taken for dead, and its frames go to another.',
    ).default('30s'),
    models: choice(
      ['redis', 'folder'],
      'With `bullmq`: how scene models reach the workers: through Redis, or as files of a `dataDir` that all share.',
    ).default('redis'),
    redis: redis.prefault({}),
  },
  'Between capture and scoring.',
);

export type QueueDocument = z.output<typeof queueSchema>;
