// The configuration file, from its path to settings in use or to the list of everything that is wrong with
// it. Steps: read, YAML, environment, schema, files with secrets, checks across settings, resolve.
import { UnreadableFileError, readSmallFile } from '../process/read-small-file.ts';
import { resolve } from 'node:path';

import { PatchwatchError, systemErrorCode, toError } from '../core/errors.ts';
import { checkSchema } from './check-schema.ts';
import type { Config } from './config.ts';
import { crossChecks, sceneIds, type CrossCheckContext } from './cross-checks.ts';
import { expandEnv, type Expansion } from './expand-env.ts';
import type { IssueProblem } from './issue-text.ts';
import { ConfigError, pathText, problemLines, type Position, type Problem } from './problem.ts';
import { resolveConfig } from './resolve-config.ts';
import { readSecrets } from './secret-files.ts';
import { YamlSource } from './yaml-source.ts';

const MAX_BYTES = 1_048_576;

export type Environment = Readonly<Partial<Record<string, string>>>;

const missing = (path: string, error: unknown): PatchwatchError => {
  const code = systemErrorCode(error) ?? toError(error).message;
  const reason =
    code === 'ENOENT'
      ? 'it does not exist; name another with -c, or start from config/example.yaml'
      : code === 'EISDIR'
        ? 'it is a folder; name the file in it with -c'
        : `${code}; check its permissions`;
  return new PatchwatchError('CONFIG_MISSING', `can't read the configuration ${path}: ${reason}`, {
    cause: error,
  });
};

const invalid = (path: string, text: string, position?: Position): ConfigError =>
  new ConfigError(problemLines(path, [{ position, text }]));

const readBounded = async (path: string): Promise<Uint8Array> => {
  try {
    return await readSmallFile(path, MAX_BYTES);
  } catch (error) {
    if (error instanceof UnreadableFileError)
      throw invalid(path, `${error.message}; is it the right file?`);
    throw missing(path, error);
  }
};

const readText = async (path: string): Promise<string> => {
  const bytes = await readBounded(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(path, 'not UTF-8 text; save it as UTF-8');
  }
};

interface Parsed {
  readonly source: YamlSource;
  readonly settings: object;
  readonly expansion: Expansion;
  readonly syntaxProblems: readonly Problem[];
}

const plainValue = (source: YamlSource, path: string): unknown => {
  try {
    return source.value();
  } catch (error) {
    // The library has no codes here: both kinds of alias it refuses end as a ReferenceError.
    const text =
      error instanceof ReferenceError
        ? 'aliases (*name) stand for too many values; write the settings out'
        : 'nested too deeply';
    throw invalid(path, text);
  }
};

const parseSource = (text: string, path: string): YamlSource => {
  try {
    return YamlSource.parse(text);
  } catch {
    // What the parser throws instead of reporting is the end of its stack.
    throw invalid(path, 'nested too deeply');
  }
};

const parse = (text: string, path: string, env: Environment): Parsed => {
  const source = parseSource(text, path);
  const syntaxProblems = source.syntaxProblems();
  if (syntaxProblems.some((problem) => problem.isFatal)) {
    throw new ConfigError(problemLines(path, syntaxProblems));
  }
  const expansion = expandEnv(plainValue(source, path), env);
  const settings = expansion.value;
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    const start = { line: 1, column: 1 };
    throw invalid(
      path,
      'no settings; a map with cameras is expected, see config/example.yaml',
      start,
    );
  }
  return { source, settings, expansion, syntaxProblems };
};

const located = (source: YamlSource, { path, at, text }: IssueProblem): Problem => ({
  position: at === 'key' ? source.keyPosition(path) : source.valuePosition(path),
  text,
});

/**
 * Reads and checks a configuration file; every camera's address must be known.
 *
 * @throws ConfigError CONFIG_INVALID with every problem as `file:line:col: path: …`
 * @throws PatchwatchError CONFIG_MISSING when the file can't be read
 */
export const loadConfig = async (path: string, env: Environment): Promise<Config> => {
  const config = await loadConfigInPart(path, env);
  const problems = config.cameras.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
};

/**
 * The same, but a camera whose secret is not there is no error: its `problem` says what it is.
 *
 * @throws ConfigError CONFIG_INVALID with every problem as `file:line:col: path: …`
 * @throws PatchwatchError CONFIG_MISSING when the file can't be read
 */
export const loadConfigInPart = async (path: string, env: Environment): Promise<Config> => {
  const { source, settings, expansion, syntaxProblems } = parse(await readText(path), path, env);
  const unset = new Set(expansion.problems.map((problem) => pathText(problem.path)));
  const checked = checkSchema(settings, expansion.writtenByPath);
  const { document } = checked;
  const wrong = [...expansion.problems, ...checked.problems].map(({ path: at }) => pathText(at));
  const context: CrossCheckContext = {
    document,
    keys: (at) => source.keys(at),
    isSound: (at) => !wrong.some((place) => place.startsWith(pathText(at))),
  };
  const absolutePath = resolve(path);
  const secrets = await readSecrets(document, absolutePath);
  const across = crossChecks(context);
  /** Problems of a secret of one camera: the others can be watched without it. */
  const secretOf = new Map<Problem, string>();
  const place = (problem: IssueProblem, isSecret: boolean): Problem => {
    const placed = located(source, problem);
    const [section, camera, key] = problem.path;
    if (isSecret && section === 'cameras' && (key === 'url' || key === 'urlFile'))
      secretOf.set(placed, String(camera));
    return placed;
  };
  const problems = [...checked.problems, ...secrets.problems, ...across.problems]
    .filter((problem) => !unset.has(pathText(problem.path)))
    .map((problem) => place(problem, secrets.absent.has(problem)));
  const unsetProblems = expansion.problems.map((problem) =>
    place(
      { ...problem, text: `${pathText(problem.path)}: ${problem.text}` },
      problem.isUnset === true,
    ),
  );
  const all = [...syntaxProblems, ...unsetProblems, ...problems];
  const problemByCamera = new Map<string, string>();
  const others = all.filter((problem) => {
    const camera = secretOf.get(problem);
    if (camera === undefined) return true;
    problemByCamera.set(camera, problemLines(path, [problem]).join(' '));
    return false;
  });
  if (others.length > 0) throw new ConfigError(problemLines(path, all));
  const resolved = resolveConfig(document, {
    path: absolutePath,
    authToken: secrets.authToken,
    redis: secrets.redis,
    urlByCamera: secrets.urlByCamera,
    problemByCamera,
    cameraIds: source.keys(['cameras']),
    sceneIds: (camera) => sceneIds(context, camera),
  });
  const warnings = across.warnings.map((warning) => located(source, warning));
  return { ...resolved, warnings: problemLines(path, warnings) };
};
