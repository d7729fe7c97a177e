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

const say = (text) => process.stderr.write(`setup: ${text}\n`);

const stop = (text) => {
  say(text);
  process.exit(EXIT_UNAVAILABLE);
};

const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options }).status === 0;

const onPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** System package managers, and what each calls the packages used here. */
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

/** How to become root without asking: a prefix, or undefined. */
const rootPrefix = (manager) => {
  if (manager.withoutRoot || process.getuid?.() === 0) return [];
  const mayAsk = process.stdin.isTTY && process.stderr.isTTY;
  if (!onPath('sudo')) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo'];
  return mayAsk ? ['sudo'] : undefined;
};

/** Installs the program's package; returns undefined on success, else the command to run by hand. */
const installProgram = (program) => {
  const manager = PACKAGE_MANAGERS.find(
    (candidate) => onPath(candidate.program) && candidate.packages[program] !== undefined,
  );
  if (manager === undefined) return `install ${program} and put it on the PATH`;
  const install = [...manager.install, manager.packages[program]];
  const prefix = rootPrefix(manager);
  const byHand = [manager.refresh, install]
    .filter(Boolean)
    .map((words) => [...(manager.withoutRoot ? [] : ['sudo']), ...words].join(' '))
    .join(' && ');
  if (prefix === undefined) return byHand;
  say(`installing ${manager.packages[program]} (${[...prefix, ...install].join(' ')})`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const commands = [manager.refresh, install].filter(Boolean);
  for (const words of commands) {
    const [command, ...args] = [...prefix, ...words];
    const stdio = prefix.length > 0 ? 'inherit' : ['ignore', 2, 2];
    if (!run(command, args, { env, stdio })) return byHand;
  }
  return onPath(program) ? undefined : byHand;
};

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
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
  for (const program of ['chromium', 'promtool', 'redis-server']) {
    if (onPath(program)) continue;
    const byHand = installProgram(program);
    if (byHand !== undefined)
      say(`${program} is missing, its tests are skipped. To run them:\n  ${byHand}`);
  }
}
buildWhenStale();
