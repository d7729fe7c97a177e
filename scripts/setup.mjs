// Prepares a checkout: npm packages, ffmpeg, a fresh build. Runs before `npm start` and `npm test`, needs
// nothing but Node, and does no work when nothing is missing.
//   node scripts/setup.mjs              what the daemon needs
//   node scripts/setup.mjs --for-tests  also what the tests use (Chromium, promtool, Redis)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

const EXIT_UNAVAILABLE = 69;
const OLDEST_NODE = [20, 19];
const root = join(import.meta.dirname, '..');

/** @typedef {'ffmpeg' | 'chromium' | 'promtool' | 'redis-server'} Program */

/**
 * @typedef {object} PackageManager
 * @property {string} program
 * @property {readonly string[]} [refresh]
 * @property {readonly string[]} install
 * @property {Readonly<Partial<Record<Program, string>>>} packages
 * @property {boolean} [withoutRoot]
 */

const say = (/** @type {string} */ text) => process.stderr.write(`setup: ${text}\n`);

/**
 * @param {string} text
 * @returns {never}
 */
const stop = (text) => {
  say(text);
  process.exit(EXIT_UNAVAILABLE);
};

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options }).status === 0;

const onPath = (/** @type {string} */ program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * System package managers, and what each calls the packages used here.
 *
 * @type {readonly PackageManager[]}
 */
const PACKAGE_MANAGERS = [
  {
    program: 'apt-get',
    refresh: ['apt-get', 'update'],
    install: ['apt-get', 'install', '-y', '--no-install-recommends'],
    packages: {
      ffmpeg: 'ffmpeg',
      chromium: 'chromium',
      promtool: 'prometheus',
      'redis-server': 'redis-server',
    },
  },
  {
    program: 'dnf',
    install: ['dnf', 'install', '-y'],
    packages: {
      ffmpeg: 'ffmpeg-free',
      chromium: 'chromium',
      promtool: 'golang-github-prometheus',
      'redis-server': 'redis',
    },
  },
  {
    program: 'apk',
    install: ['apk', 'add'],
    packages: {
      ffmpeg: 'ffmpeg',
      chromium: 'chromium',
      promtool: 'prometheus',
      'redis-server': 'redis',
    },
  },
  {
    program: 'pacman',
    install: ['pacman', '-S', '--noconfirm'],
    packages: {
      ffmpeg: 'ffmpeg',
      chromium: 'chromium',
      promtool: 'prometheus',
      'redis-server': 'redis',
    },
  },
  {
    program: 'brew',
    install: ['brew', 'install'],
    packages: { ffmpeg: 'ffmpeg', promtool: 'prometheus', 'redis-server': 'redis' },
    withoutRoot: true,
  },
];

/**
 * How to become root without asking: a prefix, or undefined.
 *
 * @param {PackageManager} manager
 */
const rootPrefix = (manager) => {
  if (manager.withoutRoot === true || process.getuid?.() === 0) return [];
  const mayAsk = process.stdin.isTTY && process.stderr.isTTY;
  if (!onPath('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo'];
  return mayAsk ? ['sudo'] : undefined;
};

/**
 * Installs the program's package; returns undefined on success, else the command to run by hand.
 *
 * @param {Program} program
 */
const installProgram = (program) => {
  const manager = PACKAGE_MANAGERS.find(
    (candidate) => onPath(candidate.program) && candidate.packages[program] !== undefined,
  );
  const name = manager?.packages[program];
  if (manager === undefined || name === undefined) {
    return `install ${program} and put it on the PATH`;
  }
  const install = [...manager.install, name];
  const commands = manager.refresh === undefined ? [install] : [manager.refresh, install];
  const prefix = rootPrefix(manager);
  const byHand = commands
    .map((words) => [...(manager.withoutRoot === true ? [] : ['sudo']), ...words].join(' '))
    .join(' && ');
  if (prefix === undefined) return byHand;
  say(`installing ${name} (${[...prefix, ...install].join(' ')})`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of commands) {
    const [command = '', ...args] = [...prefix, ...words];
    if (!run(command, args, { env, ...(prefix.length > 0 ? { stdio: 'inherit' } : {}) }))
      return byHand;
  }
  return onPath(program) ? undefined : byHand;
};

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  stop(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join('.')} or newer`);
};

/** npm's own record is compared by content, so that a changed lock file installs again. */
const installPackages = () => {
  const stamp = join(root, 'node_modules', '.patchwatch-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing npm packages (npm ci)');
  if (!run('npm', ['ci', '--include=dev', '--loglevel=error'])) {
    stop('npm ci failed (see above): run it by hand, then start again');
  }
  writeFileSync(stamp, lock);
};

/**
 * @param {string} path
 * @returns {number}
 */
const newestMs = (path) => {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(facts.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
};

const buildWhenStale = () => {
  const built = join(root, 'dist', 'main.js');
  const sources = ['src', 'tsconfig.json', 'package-lock.json', 'scripts/build.mjs'];
  const newest = Math.max(...sources.map((name) => newestMs(join(root, name))));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  say('building');
  if (!run(process.execPath, [join(root, 'scripts', 'build.mjs')]))
    stop('the build failed (see above)');
};

checkNode();
installPackages();
if (!onPath('ffmpeg')) {
  const byHand = installProgram('ffmpeg');
  if (byHand !== undefined) stop(`ffmpeg is missing. Install it, then start again:\n  ${byHand}`);
}
if (process.argv.includes('--for-tests')) {
  for (const program of /** @type {const} */ (['chromium', 'promtool', 'redis-server'])) {
    if (onPath(program)) continue;
    const byHand = installProgram(program);
    if (byHand !== undefined)
      say(`${program} is missing, its tests are skipped. To run them:\n  ${byHand}`);
  }
}
buildWhenStale();
