// What a child process gets of this process's environment: what it needs to run, find its libraries and reach its
// sources. Nothing else, because the daemon's environment holds passwords and tokens that are none of its business.

const PASSED_ON = new Set([
  ...['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'TZ', 'LANG', 'LC_ALL', 'LC_CTYPE'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SYSTEMROOT', 'WINDIR', 'PATHEXT'],
  // Read by ffmpeg's own TLS and HTTP.
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'HTTP_PROXY', 'NO_PROXY'],
]);

/** Of inference libraries and their drivers, and where this program's own models and engines are. */
const OF_ENGINES =
  /^(?:CUDA|CUDNN|NVIDIA|OMP|ORT|TF|TENSORRT|KMP|MKL)_|^XDG_DATA_HOME$|^PATCHWATCH_/i;
/** Whatever its prefix. */
const SECRET = /PASS|TOKEN|SECRET|KEY|CREDENTIAL|_URL$/i;

const pick = (
  environment: Readonly<NodeJS.ProcessEnv>,
  isPassed: (name: string) => boolean,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && isPassed(entry[0]),
    ),
  );

/** Names are compared without regard to case: proxies are written in small letters, and Windows does not care. */
export const childEnvironment = (
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): Record<string, string> => pick(environment, (name) => PASSED_ON.has(name.toUpperCase()));

/** The same, with what engines are told by their users. */
export const scorerEnvironment = (
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): Record<string, string> =>
  pick(
    environment,
    (name) => PASSED_ON.has(name.toUpperCase()) || (OF_ENGINES.test(name) && !SECRET.test(name)),
  );
