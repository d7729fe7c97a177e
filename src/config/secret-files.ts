// Settings that a file holds instead of the configuration (`authTokenFile`, `urlFile`): read here, once.
// Nothing of their content is ever shown.
import { dirname, resolve } from 'node:path';

import { systemErrorCode } from '../core/errors.ts';
import { UnreadableFileError, readSmallFile } from '../process/read-small-file.ts';
import { cameraSchema, URL_ALLOWED } from './camera-schema.ts';
import type { ConfigDocument } from './config-schema.ts';
import type { IssueProblem } from './issue-text.ts';
import { pathText, type Path } from './problem.ts';
import type { RedisSecrets } from './queue-config.ts';
import { REDIS_URL_ALLOWED, REDIS_URL_PATTERN } from './queue-schema.ts';

const MAX_BYTES = 65_536;

export interface Secrets {
  readonly authToken: string | undefined;
  readonly redis: RedisSecrets;
  readonly urlByCamera: ReadonlyMap<string, string>;
  readonly problems: readonly IssueProblem[];
  /** Those of them that end when the file is there and right. */
  readonly absent: ReadonlySet<IssueProblem>;
}

/** The text without the line end that editors and `echo` add, or what is wrong. */
const readSecret = async (path: string): Promise<{ text: string } | { problem: string }> => {
  try {
    const text = (await readSmallFile(path, MAX_BYTES)).toString('utf8').trim();
    if (text === '') return { problem: 'is empty; write the value into it' };
    return /\s/.test(text)
      ? { problem: 'holds spaces or several lines; one word is allowed' }
      : { text };
  } catch (error) {
    if (error instanceof UnreadableFileError)
      return { problem: `${error.message}; is it the right file?` };
    const code = systemErrorCode(error) ?? 'unknown error';
    return {
      problem:
        code === 'ENOENT'
          ? 'does not exist; create it or correct the path'
          : `can't be read (${code}); check the path and its permissions`,
    };
  }
};

class SecretReader {
  readonly problems: IssueProblem[] = [];
  readonly absent = new Set<IssueProblem>();
  readonly #folder: string;

  constructor(configPath: string) {
    this.#folder = dirname(configPath);
  }

  async read(
    inline: string | undefined,
    file: string | undefined,
    path: Path,
  ): Promise<string | undefined> {
    if (file === undefined) return inline;
    const place = pathText(path);
    if (inline !== undefined) {
      const other = place.replace(/File$/, '');
      this.#complain(path, `${place}: not allowed beside ${other}; remove one of them`);
      return inline;
    }
    const result = await readSecret(resolve(this.#folder, file));
    if ('text' in result) return result.text;
    this.#miss(path, `${place}: the file ${JSON.stringify(file)} ${result.problem}`);
    return undefined;
  }

  /** Complains when what a file held is not allowed. */
  check(isAllowed: boolean, path: Path, allowed: string): boolean {
    if (!isAllowed) {
      this.#miss(
        path,
        `${pathText(path)}: what the file holds is not allowed; allowed: ${allowed}`,
      );
    }
    return isAllowed;
  }

  #miss(path: Path, text: string): void {
    this.absent.add(this.#complain(path, text));
  }

  #complain(path: Path, text: string): IssueProblem {
    const problem: IssueProblem = { path, at: 'value', text };
    this.problems.push(problem);
    return problem;
  }
}

const readRedisSecrets = async (
  reader: SecretReader,
  { redis }: ConfigDocument['queue'],
): Promise<RedisSecrets> => {
  const at = (key: string): Path => ['queue', 'redis', key];
  const url = await reader.read(redis.url, redis.urlFile, at('urlFile'));
  if (url !== undefined)
    reader.check(REDIS_URL_PATTERN.test(url), at('urlFile'), REDIS_URL_ALLOWED);
  return {
    url,
    password: await reader.read(redis.password, redis.passwordFile, at('passwordFile')),
    sentinelPassword: await reader.read(
      redis.sentinelPassword,
      redis.sentinelPasswordFile,
      at('sentinelPasswordFile'),
    ),
  };
};

export const readSecrets = async (
  document: ConfigDocument,
  configPath: string,
): Promise<Secrets> => {
  const reader = new SecretReader(configPath);
  const { server } = document;
  const tokenPath = ['server', 'authTokenFile'];
  const authToken = await reader.read(server.authToken, server.authTokenFile, tokenPath);
  const urlByCamera = new Map<string, string>();
  for (const [id, { url, urlFile }] of Object.entries(document.cameras)) {
    const path = ['cameras', id, 'urlFile'];
    const address = await reader.read(url, urlFile, path);
    if (address === undefined) continue;
    const isAllowed = cameraSchema.shape.url.safeParse(address).success;
    if (reader.check(isAllowed, path, URL_ALLOWED)) urlByCamera.set(id, address);
  }
  const redis = await readRedisSecrets(reader, document.queue);
  const { problems, absent } = reader;
  return { authToken, redis, urlByCamera, problems, absent };
};
